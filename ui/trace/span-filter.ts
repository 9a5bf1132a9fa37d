import { SPAN_KINDS, SPAN_TYPES } from '../../schema/span.ts';
import { SPAN_FLAGS } from '../../schema/trace-columns.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import { parseQuery } from '../../schema/query-language.ts';
import { keyName } from '../../schema/query-term.ts';
import type { Expression, FreeText, Term, Value } from '../../schema/query-syntax.ts';
import { spanIdOf } from './span-facts.ts';

export interface SpanMatches {
	/** 1 where the row matches. */
	marked: Uint8Array;
	/** The rows that match, in order. */
	rows: Int32Array;
}
export type FilterResult =
	{ kind: 'matches'; matches: SpanMatches } | { kind: 'problem'; message: string } | { kind: 'off' };

type Test = (row: number) => boolean;

/** A filter that this screen can't answer, as attributes are only on the server. */
class NotHere extends Error {}

/** Applies a filter in the search language to the spans at hand. */
export function filterSpans(trace: Trace, text: string): FilterResult {
	if (text.trim() === '') return { kind: 'off' };
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') return { kind: 'problem', message: parsed.message };
	if (parsed.query.where === undefined) return { kind: 'off' };
	try {
		const test = compile(trace, parsed.query.where);
		const marked = new Uint8Array(trace.count);
		for (let row = 0; row < trace.count; row++) marked[row] = test(row) ? 1 : 0;
		return { kind: 'matches', matches: { marked, rows: rowsOf(marked) } };
	} catch (error) {
		if (error instanceof NotHere) return { kind: 'problem', message: error.message };
		throw error;
	}
}

function rowsOf(marked: Uint8Array): Int32Array {
	const rows: number[] = [];
	marked.forEach((mark, row) => mark === 1 && rows.push(row));
	return Int32Array.from(rows);
}

function compile(trace: Trace, expression: Expression): Test {
	switch (expression.kind) {
		case 'and': {
			const tests = expression.operands.map((operand) => compile(trace, operand));
			return (row) => tests.every((test) => test(row));
		}
		case 'or': {
			const tests = expression.operands.map((operand) => compile(trace, operand));
			return (row) => tests.some((test) => test(row));
		}
		case 'not': {
			const test = compile(trace, expression.operand);
			return (row) => !test(row);
		}
		case 'free':
			return compileFree(trace, expression);
		case 'term':
			return compileTerm(trace, expression);
		default:
			throw new NotHere('Braces and structure are for the search over all traces.');
	}
}

/** Texts are tested once for each different one, not once for each span. */
function compileFree(trace: Trace, { pieces }: FreeText): Test {
	const lower = pieces.map((piece) => piece.toLowerCase());
	const contains = (text: string): boolean => {
		let from = 0;
		return lower.every((piece) => {
			const at = text.toLowerCase().indexOf(piece, from);
			from = at + piece.length;
			return at >= 0;
		});
	};
	const names = trace.names.map(contains);
	const services = trace.services.map(contains);
	const kinds = SPAN_KINDS.map((kind) => contains(kind));
	const wanted = lower.length === 1 && /^[0-9a-f]{4,16}$/.test(lower[0] ?? '') ? (lower[0] ?? '') : undefined;
	return (row) =>
		names[trace.name[row] ?? 0] === true ||
		names[trace.operation[row] ?? 0] === true ||
		services[trace.service[row] ?? 0] === true ||
		kinds[trace.kind[row] ?? 0] === true ||
		(wanted !== undefined && spanIdOf(trace, row).startsWith(wanted));
}

function compileTerm(trace: Trace, term: Term): Test {
	const key = keyName(term.key);
	const has = (flag: number): Test => byTruth(term, (row) => ((trace.flags[row] ?? 0) & flag) !== 0);
	switch (key) {
		case 'service':
			return byText(term, trace.service, trace.services, (name) => [name, name.slice(name.indexOf('/') + 1)]);
		case 'name':
			return byText(term, trace.name, trace.names);
		case 'operation':
			return byText(term, trace.operation, trace.names);
		case 'kind':
			return byText(term, trace.kind, SPAN_KINDS);
		case 'type':
			return byText(term, trace.type, SPAN_TYPES);
		case 'spanId':
			return (row) => matchesAny(term, [spanIdOf(trace, row)]);
		case 'error':
			return has(SPAN_FLAGS.error);
		case 'critical':
			return has(SPAN_FLAGS.critical);
		case 'duration':
			return byNumber(term, trace.duration);
		case 'http.response.status_code':
		case 'http.status_code':
			return byNumber(term, trace.httpStatus);
		default:
			throw new NotHere(
				`Within a trace only service, name, kind, type, error, critical, duration and http.response.status_code can be filtered, not ${key}.`,
			);
	}
}

function byTruth(term: Term, test: Test): Test {
	const value = term.values[0];
	const isFalse = value !== undefined && 'text' in value && value.text === 'false';
	const wanted = isFalse === (term.operator === '!=');
	return (row) => test(row) === wanted;
}

function byText(
	term: Term,
	index: Uint32Array | Uint8Array,
	texts: readonly string[],
	formsOf: (text: string) => string[] = (text) => [text],
): Test {
	const fits = texts.map((text) => matchesAny(term, formsOf(text)));
	return (row) => fits[index[row] ?? 0] === true;
}

function matchesAny({ operator, values }: Term, texts: string[]): boolean {
	switch (operator) {
		case 'has':
			return texts.some((text) => text !== '');
		case ':':
			return values.some((value) => texts.some((text) => equals(value, text)));
		case '!=':
			return !values.some((value) => texts.some((text) => equals(value, text)));
		default:
			throw new NotHere(`Within a trace a text is compared by ":" or "!=", not by "${operator}".`);
	}
}

function equals(value: Value, text: string): boolean {
	if (value.kind === 'wildcard') return isWild(value.pieces, text);
	return 'text' in value && value.text === text;
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

function byNumber(term: Term, column: Float64Array | Uint16Array): Test {
	const isAbsent = (number: number): boolean => column instanceof Uint16Array && number === 0;
	const tests = term.values.map((value) => numberTest(term, value));
	const isNegated = term.operator === '!=';
	return (row) => {
		const number = column[row] ?? 0;
		if (isAbsent(number)) return false;
		return term.operator === 'has' || tests.some((test) => test(number)) !== isNegated;
	};
}

function numberTest({ operator }: Term, value: Value): (number: number) => boolean {
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
