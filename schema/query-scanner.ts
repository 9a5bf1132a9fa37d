/** Reads the words, quotes and operators that the search language is made of. */
import { ATTRIBUTE_SCOPES, SPAN_FIELDS, TRACE_FIELDS } from './query-syntax.ts';
import type { Key, Operator, SpanField, TraceField } from './query-syntax.ts';

/** Ends the reading of a text; `parseQuery` turns it into its answer. */
export class QueryFailure extends Error {
	override readonly name = 'QueryFailure';
	readonly position: number;
	readonly expected: string;
	readonly suggestion: string | undefined;

	constructor(position: number, expected: string, suggestion?: string) {
		super(expected);
		this.position = position;
		this.expected = expected;
		this.suggestion = suggestion;
	}
}

/** A run of characters outside quotes. */
export interface BareText {
	/** Between its wildcards, escapes resolved. */
	pieces: string[];
	escaped: boolean;
	/** As written. */
	raw: string;
}

const SPACE = /\s*/y;
const KEYWORD = /(AND|OR|NOT)(?=[\s(){}"]|$)/y;
const TIGHT_OPERATOR = /:(?:>=|<=|>|<)|!=|!~|>=|<=|[:>]|<|~|=/y;
/** An operator with spaces around it; `>>` and `<<` stand between braces alone. */
const SPACED_OPERATOR = /\s+(!=|!~|>=|<=|>(?![>=])|<(?![<=])|=(?!=)|~)(?=\s*[^\s(){}|])/y;
const SCOPED_QUOTE = new RegExp(`(${ATTRIBUTE_SCOPES.join('|')})\\.(?=")`, 'y');
const URL_START = /[A-Za-z][\w+.-]*:\/\//y;

const isSpace = (char: string): boolean => /\s/.test(char);

export class QueryScanner {
	readonly text: string;
	position = 0;

	constructor(text: string) {
		this.text = text;
	}

	/** Moves over what the sticky expression finds here. */
	take(expression: RegExp): RegExpExecArray | null {
		expression.lastIndex = this.position;
		const found = expression.exec(this.text);
		if (found !== null) this.position += found[0].length;
		return found;
	}

	skipSpace(): void {
		this.take(SPACE);
	}

	get atEnd(): boolean {
		return this.position >= this.text.length;
	}

	startsWith(text: string): boolean {
		return this.text.startsWith(text, this.position);
	}

	takeText(text: string): boolean {
		if (!this.startsWith(text)) return false;
		this.position += text.length;
		return true;
	}

	takeKeyword(keyword: 'AND' | 'OR' | 'NOT'): boolean {
		KEYWORD.lastIndex = this.position;
		return KEYWORD.exec(this.text)?.[1] === keyword && this.takeText(keyword);
	}

	atKeyword(): boolean {
		KEYWORD.lastIndex = this.position;
		return KEYWORD.test(this.text);
	}

	/** The text between quotes: literal but for `\"` and `\\`. */
	readQuoted(): string {
		const start = this.position;
		let text = '';
		for (let index = start + 1; index < this.text.length; index++) {
			const char = this.text.charAt(index);
			if (char === '"') {
				this.position = index + 1;
				return text;
			}
			const next = this.text.charAt(index + 1);
			if (char === '\\' && (next === '"' || next === '\\')) {
				text += next;
				index++;
			} else {
				text += char;
			}
		}
		throw new QueryFailure(start, 'a closing quote', `${this.text}"`);
	}

	/** Up to a space or a bracket that closes more than was opened inside, so that `/users/{id}` and `f(x)` stay whole. */
	readBare(): BareText {
		const start = this.position;
		const pieces: string[] = [];
		let piece = '';
		let open = 0;
		let escaped = false;
		let index = start;
		for (; index < this.text.length; index++) {
			const char = this.text.charAt(index);
			if (isSpace(char)) break;
			if (char === '(' || char === '{') open++;
			if ((char === ')' || char === '}') && --open < 0) break;
			if (char === '\\' && index + 1 < this.text.length) {
				escaped = true;
				piece += this.text.charAt(++index);
			} else if (char === '*') {
				pieces.push(piece);
				piece = '';
			} else {
				piece += char;
			}
		}
		this.position = index;
		return { pieces: [...pieces, piece], escaped, raw: this.text.slice(start, index) };
	}

	/** A key with the operator after it; undefined, and nothing read, where a free word stands. */
	readKeyed(): { key: Key; operator: Operator } | undefined {
		const start = this.position;
		if (this.take(URL_START) === null) {
			const key = this.readKey();
			const operator = key === undefined ? undefined : this.#readOperator();
			if (key !== undefined && operator !== undefined) return { key, operator };
		}
		this.position = start;
		return undefined;
	}

	/** A key alone, as after `has:`; undefined where none stands. */
	readKey(): Key | undefined {
		if (this.startsWith('"')) return keyOf(this.readQuoted(), false);
		const scope = this.take(SCOPED_QUOTE)?.[1];
		const scoped = ATTRIBUTE_SCOPES.find((candidate) => candidate === scope);
		if (scoped !== undefined) return { kind: 'attribute', scope: scoped, key: this.readQuoted() };
		const name = this.#readKeyName();
		return name === '' ? undefined : keyOf(name, true);
	}

	#readKeyName(): string {
		let name = '';
		for (; !this.atEnd; this.position++) {
			const char = this.text.charAt(this.position);
			if (isSpace(char) || ':=<>~(){}"|'.includes(char)) break;
			if (char === '!' && /[=~]/.test(this.text.charAt(this.position + 1))) break;
			if (char === '\\' && this.position + 1 < this.text.length) this.position++;
			name += this.text.charAt(this.position);
		}
		return name;
	}

	#readOperator(): Operator | undefined {
		const written = this.take(TIGHT_OPERATOR)?.[0] ?? this.take(SPACED_OPERATOR)?.[1];
		if (written === undefined) return undefined;
		if (written === '=') return ':';
		return (written.length > 1 && written.startsWith(':') ? written.slice(1) : written) as Operator;
	}
}

/** Reserved fields win; then a scope in front, where the key was written without quotes; else an attribute of any scope. */
function keyOf(name: string, splitScope: boolean): Key {
	if (Object.hasOwn(SPAN_FIELDS, name)) return { kind: 'span', field: name as SpanField };
	if (Object.hasOwn(TRACE_FIELDS, name)) return { kind: 'trace', field: name as TraceField };
	const scope = splitScope ? ATTRIBUTE_SCOPES.find((candidate) => name.startsWith(`${candidate}.`)) : undefined;
	if (scope === undefined || name.length === scope.length + 1) return { kind: 'attribute', scope: 'any', key: name };
	return { kind: 'attribute', scope, key: name.slice(scope.length + 1) };
}
