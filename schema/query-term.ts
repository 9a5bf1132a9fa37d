/** Reads what stands after a key, and refuses what the key can't take. */
import { FIELD_CHOICES, SPAN_FIELDS, TRACE_FIELDS } from './query-syntax.ts';
import type { FieldType, Key, Operator, Term, Value } from './query-syntax.ts';
import { regexProblem } from './query-regex.ts';
import { QueryFailure } from './query-scanner.ts';
import type { QueryScanner } from './query-scanner.ts';
import { bareValue } from './query-value.ts';

/** What a key holds; undefined for attributes, which hold anything. */
export function fieldType(key: Key): FieldType | undefined {
	if (key.kind === 'attribute') return undefined;
	return key.kind === 'span' ? SPAN_FIELDS[key.field] : TRACE_FIELDS[key.field];
}

export const keyName = (key: Key): string => (key.kind === 'attribute' ? key.key : key.field);

/** @param count called for each value; throws when there are too many */
export function readTerm(
	scanner: QueryScanner,
	start: number,
	{ key, operator }: { key: Key; operator: Operator },
	count: () => void,
): Term {
	const reader = new ValueReader(scanner, key, operator);
	const valueStart = reader.atValue();
	const values: Value[] = [];
	if (scanner.startsWith('(') && (operator === ':' || operator === '!=')) {
		scanner.position++;
		do {
			scanner.skipSpace();
			count();
			values.push(reader.read());
			scanner.skipSpace();
		} while (scanner.takeKeyword('OR'));
		if (!scanner.takeText(')')) throw new QueryFailure(scanner.position, '`OR` and a value, or `)`');
	} else {
		values.push(reader.read());
	}
	const term: Term = { kind: 'term', key, operator, values, position: start, end: scanner.position };
	if (!values.some(isAnything)) return term;
	if (operator === ':') return { ...term, operator: 'has', values: [] };
	throw new QueryFailure(valueStart, 'a value: for spans without the key write -has: instead');
}

const isAnything = (value: Value): boolean => value.kind === 'wildcard' && value.pieces.every((piece) => piece === '');

class ValueReader {
	readonly #scanner: QueryScanner;
	readonly #key: Key;
	readonly #operator: Operator;
	readonly #type: FieldType | undefined;

	constructor(scanner: QueryScanner, key: Key, operator: Operator) {
		this.#scanner = scanner;
		this.#key = key;
		this.#operator = operator;
		this.#type = fieldType(key);
	}

	/** Moves to the value. Spaces may stand around signs of comparison; after `:` they are most likely a slip. */
	atValue(): number {
		const scanner = this.#scanner;
		const after = scanner.position;
		scanner.skipSpace();
		const nothing = scanner.atEnd || scanner.startsWith(')') || scanner.startsWith('}');
		if (nothing || (after < scanner.position && scanner.text.charAt(after - 1) === ':')) {
			const mended = scanner.text.slice(0, after) + scanner.text.slice(scanner.position);
			throw new QueryFailure(after, `a value right after the ${this.#operator}`, nothing ? undefined : mended);
		}
		return scanner.position;
	}

	read(): Value {
		const scanner = this.#scanner;
		const start = scanner.position;
		const regex = this.#operator === '~' || this.#operator === '!~';
		let value: Value;
		if (scanner.startsWith('"')) {
			value = { kind: 'text', text: scanner.readQuoted() };
		} else {
			const bare = scanner.readBare();
			if (bare.raw === '') throw new QueryFailure(start, 'a value');
			if (regex) value = { kind: 'text', text: bare.raw };
			else if (this.#isPlain) value = bareValue(bare.pieces, true);
			else value = bareValue(bare.pieces, bare.escaped);
		}
		if (regex) this.#checkRegex(value, start);
		else this.#check(value, start);
		return value;
	}

	/** Fields whose values are texts, whatever they look like. */
	get #isPlain(): boolean {
		return this.#type !== undefined && this.#type !== 'duration' && this.#type !== 'count';
	}

	get #compares(): boolean {
		return this.#operator !== ':' && this.#operator !== '!=';
	}

	#checkRegex(value: Value, start: number): void {
		if (this.#type === 'duration' || this.#type === 'count') {
			throw new QueryFailure(start, `a comparison: ${keyName(this.#key)} is a number`);
		}
		if (value.kind !== 'text') return;
		const problem = regexProblem(value.text);
		if (problem === undefined) return;
		const quote = this.#scanner.text.charAt(start) === '"' ? 1 : 0;
		throw new QueryFailure(start + quote + problem.offset, problem.expected);
	}

	#check(value: Value, start: number): void {
		switch (this.#type) {
			case undefined:
				return this.#checkAttribute(value, start);
			case 'duration':
				return this.#checkDuration(value, start);
			case 'count':
				return this.#checkCount(value, start);
			default:
				if (this.#compares)
					throw new QueryFailure(start, `: != ~ or !~ before the value, because ${keyName(this.#key)} has no order`);
				return this.#type === 'id' ? this.#checkId(value, start) : this.#checkChoice(value, start);
		}
	}

	#checkAttribute(value: Value, start: number): void {
		if (value.kind === 'durations' || (this.#compares && value.kind === 'duration')) {
			throw new QueryFailure(start, 'numbers without a unit, because attributes have none');
		}
		if (this.#compares && value.kind !== 'number' && value.kind !== 'text') {
			throw new QueryFailure(start, `a number or a text after ${this.#operator}`);
		}
	}

	#checkDuration(value: Value, start: number): void {
		if (value.kind === 'duration' || (!this.#compares && (value.kind === 'durations' || isAnything(value)))) return;
		const expected = 'a duration with its unit, such as 500ms, 1.5s or 1h30m';
		const end = this.#scanner.position;
		const withUnit = `${this.#scanner.text.slice(start, end)}ms`;
		const mendable = value.kind === 'number' || value.kind === 'range';
		const mended = mendable && valid(withUnit) ? this.#replaced(start, withUnit) : undefined;
		throw new QueryFailure(start, expected, mended);
	}

	#checkCount(value: Value, start: number): void {
		if (value.kind === 'number' || (!this.#compares && (value.kind === 'range' || isAnything(value)))) return;
		throw new QueryFailure(start, `a number, because ${keyName(this.#key)} counts`);
	}

	#checkId(value: Value, start: number): void {
		const digits = keyName(this.#key) === 'traceId' ? 32 : 16;
		if (value.kind === 'wildcard' && value.pieces.every((piece) => /^[0-9a-fA-F]*$/.test(piece))) return;
		if (value.kind === 'text' && value.text.length === digits && /^[0-9a-fA-F]+$/.test(value.text)) return;
		throw new QueryFailure(start, `${digits} hexadecimal digits`);
	}

	#checkChoice(value: Value, start: number): void {
		const choices = this.#type === undefined ? undefined : FIELD_CHOICES[this.#type];
		if (choices === undefined || value.kind !== 'text' || choices.includes(value.text)) return;
		const near = choices.find((choice) => choice === value.text.toLowerCase());
		throw new QueryFailure(
			start,
			`one of ${choices.join(', ')}`,
			near === undefined ? undefined : this.#replaced(start, near),
		);
	}

	#replaced(start: number, text: string): string {
		return this.#scanner.text.slice(0, start) + text + this.#scanner.text.slice(this.#scanner.position);
	}
}

/** `500ms`, or a range whose right side has the unit. */
const valid = (text: string): boolean => {
	const value = bareValue([text], false);
	return value.kind === 'duration' || value.kind === 'durations';
};
