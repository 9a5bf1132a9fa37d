import type { AttributeColumn, ColumnValue } from '../../collector/analysis/trace-file/attribute-column.ts';
import type { Operator, Term, Value } from '../../schema/query-syntax.ts';

export type Test = (row: number) => boolean;

/** Whether the values of a key, which a span may lack or have several of, are what a term asks for. */
export function matchesValues({ operator, values }: Term, found: readonly ColumnValue[]): boolean {
	if (found.length === 0) return false;
	switch (operator) {
		case 'has':
			return true;
		case '!=':
			return !values.some((value) => found.some((one) => equals(value, one)));
		case '!~':
			return !values.some((value) => found.some((one) => matchesPattern(value, one.text)));
		case '~':
			return values.some((value) => found.some((one) => matchesPattern(value, one.text)));
		case ':':
			return values.some((value) => found.some((one) => equals(value, one)));
		default:
			return values.some((value) => found.some((one) => compares(operator, value, one)));
	}
}

/** Each different value is tested once, not each span. */
export function columnTest(term: Term, { values, from, ids }: AttributeColumn): Test {
	const positive = { ...term, operator: positiveOf(term.operator) };
	const fits = values.map((value) => matchesValues(positive, [value]));
	const isNegated = positive.operator !== term.operator;
	return (row) => {
		const [begin = 0, end = 0] = [from[row], from[row + 1]];
		if (begin === end) return false;
		for (let place = begin; place < end; place++) if (fits[ids[place] ?? 0] === true) return !isNegated;
		return isNegated;
	};
}

const positiveOf = (operator: Operator): Operator => (operator === '!=' ? ':' : operator === '!~' ? '~' : operator);

function equals(value: Value, { text, type }: ColumnValue): boolean {
	switch (value.kind) {
		case 'wildcard':
			return isWild(value.pieces, text);
		case 'text':
			return type === 'text' && value.text === text;
		case 'number':
			return value.text === text || (type === 'number' && Number(value.text) === Number(text));
		case 'range':
		case 'durations':
			return isNumeric({ text, type }) && numberTest(':', value)(Number(text));
		case 'duration':
			return isNumeric({ text, type }) && Number(text) === Number(value.nano);
		default:
			return value.text === text;
	}
}

const compares = (operator: Operator, value: Value, found: ColumnValue): boolean =>
	isNumeric(found) && numberTest(operator, value)(Number(found.text));

const isNumeric = ({ text, type }: ColumnValue): boolean => type === 'number' && Number.isFinite(Number(text));

/** The parser has checked it; what only RE2 knows matches nothing here. */
function matchesPattern(value: Value, text: string): boolean {
	try {
		return 'text' in value && new RegExp(value.text, 'u').test(text);
	} catch {
		return false;
	}
}

function isWild(pieces: readonly string[], text: string): boolean {
	const [first = '', ...rest] = pieces;
	const last = rest.pop() ?? '';
	if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
	let from = first.length;
	const until = text.length - last.length;
	return rest.every((piece) => {
		const at = text.indexOf(piece, from);
		from = at + piece.length;
		return at >= 0 && from <= until;
	});
}

export function numberTest(operator: Operator, value: Value): (number: number) => boolean {
	if (value.kind === 'range' || value.kind === 'durations') {
		const from = value.from === undefined ? -Infinity : numberOf(value.from);
		const to = value.to === undefined ? Infinity : numberOf(value.to);
		return (number) => number >= from && number <= to;
	}
	const bound = numberOf(value);
	switch (operator) {
		case '>':
			return (number) => number > bound;
		case '>=':
			return (number) => number >= bound;
		case '<':
			return (number) => number < bound;
		case '<=':
			return (number) => number <= bound;
		default:
			return (number) => number === bound;
	}
}

function numberOf(value: Value): number {
	if (value.kind === 'duration') return Number(value.nano);
	return 'text' in value ? Number(value.text) : Number.NaN;
}
