/** What a term asks of a value, as SQL for each type that a value can have. */
import type { Comparison, Operator, Value } from '../../schema/query-syntax.ts';
import { anyOf, wholeNumber } from './query-parameters.ts';
import type { QueryParameters } from './query-parameters.ts';

/** Takes the SQL of a value and gives the SQL of the question; undefined where no value of that type can match. */
type TypeTest = ((value: string) => string) | undefined;

export interface ValueTest {
	text: TypeTest;
	/** int64 and double alike: ClickHouse compares the two exactly. */
	number: TypeTest;
	bool: TypeTest;
	/** Asked of the text form of numbers and truth values, by wildcards and regular expressions. */
	written: TypeTest;
	/** Whether an empty text, or 0, may match: then a value that is absent has to be told from one that is there. */
	matchesEmpty: boolean;
	matchesZero: boolean;
}

/** `!=` and `!~` ask what `:` and `~` ask; the caller negates. */
export function valueTest(operator: Operator, values: readonly Value[], bind: QueryParameters): ValueTest {
	const tests = values.map((value) => singleTest(operator, value, bind));
	return {
		text: either(tests.map((test) => test.text)),
		number: either(tests.map((test) => test.number)),
		bool: either(tests.map((test) => test.bool)),
		written: either(tests.map((test) => test.written)),
		matchesEmpty: tests.some((test) => test.matchesEmpty),
		matchesZero: tests.some((test) => test.matchesZero),
	};
}

function either(tests: readonly TypeTest[]): TypeTest {
	const some = tests.filter((test) => test !== undefined);
	return some.length === 0 ? undefined : (value) => anyOf(some.map((test) => test(value)));
}

const nothing: ValueTest = {
	text: undefined,
	number: undefined,
	bool: undefined,
	written: undefined,
	matchesEmpty: false,
	matchesZero: false,
};

function singleTest(operator: Operator, value: Value, bind: QueryParameters): ValueTest {
	if (operator === '~' || operator === '!~') return regexTest(value, bind);
	return operator === ':' || operator === '!='
		? equalTest(value, bind)
		: orderTest(operator as Comparison, value, bind);
}

function equalTest(value: Value, bind: QueryParameters): ValueTest {
	switch (value.kind) {
		case 'text':
		case 'duration':
			return { ...nothing, text: equals(bind.string(value.text)), matchesEmpty: value.text === '' };
		case 'boolean':
			return { ...nothing, text: equals(bind.string(value.text)), bool: equals(value.text) };
		case 'number': {
			// The index of int64 values can't be asked for a double; as two comparisons it isn't.
			const number =
				wholeNumber(value.text) === undefined ? between(value.text, value.text, bind) : equals(bind.number(value.text));
			return { ...nothing, text: equals(bind.string(value.text)), number, matchesZero: Number(value.text) === 0 };
		}
		case 'wildcard': {
			const test = wildcardTest(value.pieces, bind);
			return { ...nothing, text: test, written: test, matchesEmpty: false };
		}
		case 'range':
			return rangeTest(value.from?.text, value.to?.text, bind);
		case 'durations':
			return nothing;
	}
}

const rangeTest = (from: string | undefined, to: string | undefined, bind: QueryParameters): ValueTest => ({
	...nothing,
	number: between(from, to, bind),
	matchesZero: Number(from ?? 0) <= 0 && Number(to ?? 0) >= 0,
});

const equals = (placeholder: string) => (value: string) => `${value} = ${placeholder}`;

function between(from: string | undefined, to: string | undefined, bind: QueryParameters): TypeTest {
	const sides: ((value: string) => string)[] = [];
	if (from !== undefined) sides.push((value) => `${value} >= ${bind.number(from)}`);
	if (to !== undefined) sides.push((value) => `${value} <= ${bind.number(to)}`);
	return (value) => `(${sides.map((side) => side(value)).join(' AND ')})`;
}

function orderTest(operator: Comparison, value: Value, bind: QueryParameters): ValueTest {
	if (value.kind === 'number') {
		const placeholder = bind.number(value.text);
		return {
			...nothing,
			number: (number) => `${number} ${operator} ${placeholder}`,
			matchesZero: zeroCompares(operator, Number(value.text)),
		};
	}
	if (value.kind !== 'text') return nothing;
	const placeholder = bind.string(value.text);
	return { ...nothing, text: (text) => `${text} ${operator} ${placeholder}`, matchesEmpty: true };
}

function zeroCompares(operator: Comparison, number: number): boolean {
	switch (operator) {
		case '>':
			return number < 0;
		case '>=':
			return number <= 0;
		case '<':
			return number > 0;
		case '<=':
			return number >= 0;
	}
}

function regexTest(value: Value, bind: QueryParameters): ValueTest {
	if (value.kind !== 'text') return nothing;
	const placeholder = bind.string(value.text);
	const test = (text: string): string => `match(${text}, ${placeholder})`;
	return { ...nothing, text: test, written: test, matchesEmpty: true, matchesZero: true };
}

/** The cheapest form that a wildcard allows: a prefix, a suffix, or LIKE. */
export function wildcardTest(pieces: readonly string[], bind: QueryParameters): (text: string) => string {
	const [first = '', ...rest] = pieces;
	const last = rest.at(-1) ?? '';
	if (rest.length === 1 && last === '') return (text) => `startsWith(${text}, ${bind.string(first)})`;
	if (rest.length === 1 && first === '') return (text) => `endsWith(${text}, ${bind.string(last)})`;
	const pattern = bind.string(pieces.map(escapeLike).join('%'));
	return (text) => `${text} LIKE ${pattern}`;
}

export const escapeLike = (text: string): string => text.replaceAll(/[\\%_]/g, String.raw`\$&`);
