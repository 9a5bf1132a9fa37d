import { SPAN_KINDS, SPAN_TYPES } from '../../schema/span.ts';
import { SPAN_FLAGS } from '../../schema/trace-columns.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import { parseQuery } from '../../schema/query-language.ts';
import { keyName } from '../../schema/query-term.ts';
import type { Expression, FreeText, Term } from '../../schema/query-syntax.ts';
import type { AttributeColumn, ColumnKey } from '../../collector/analysis/trace-file/attribute-column.ts';
import { columnTest, matchesValues, numberTest } from './filter-values.ts';
import type { Test } from './filter-values.ts';
import { slowTest } from './slow-spans.ts';
import { spanIdOf } from './span-facts.ts';

export interface SpanMatches {
	/** 1 where the row matches. */
	marked: Uint8Array;
	/** The rows that match, in order. */
	rows: Int32Array;
}
export type FilterResult =
	| { kind: 'matches'; matches: SpanMatches }
	| { kind: 'problem'; message: string }
	/** These columns have to be fetched first. */
	| { kind: 'waiting'; wanted: readonly ColumnKey[] }
	| { kind: 'off' };

/** The attribute columns at hand; undefined for those that are not there yet. */
export type ColumnSource = (wanted: ColumnKey) => AttributeColumn | undefined;

/** A filter that has no meaning within one trace. */
class NotHere extends Error {}

/** Applies a filter in the search language to the spans at hand. */
export function filterSpans(trace: Trace, text: string, column: ColumnSource = () => undefined): FilterResult {
	if (text.trim() === '') return { kind: 'off' };
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') return { kind: 'problem', message: parsed.message };
	if (parsed.query.where === undefined) return { kind: 'off' };
	try {
		const wanted: ColumnKey[] = [];
		const test = compile({ trace, column, wanted }, parsed.query.where);
		if (wanted.length > 0) return { kind: 'waiting', wanted };
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

interface Sources {
	trace: Trace;
	column: ColumnSource;
	/** What `column` did not have. */
	wanted: ColumnKey[];
}

function compile(sources: Sources, expression: Expression): Test {
	switch (expression.kind) {
		case 'and': {
			const tests = expression.operands.map((operand) => compile(sources, operand));
			return (row) => tests.every((test) => test(row));
		}
		case 'or': {
			const tests = expression.operands.map((operand) => compile(sources, operand));
			return (row) => tests.some((test) => test(row));
		}
		case 'not': {
			const test = compile(sources, expression.operand);
			return (row) => !test(row);
		}
		case 'free':
			return compileFree(sources.trace, expression);
		case 'term':
			return compileTerm(sources, expression);
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

/** What a key asks of the columns that are always there. */
const COLUMN_TESTS: Readonly<Record<string, (trace: Trace, term: Term) => Test>> = {
	service: (trace, term) =>
		byText(term, trace.service, trace.services, (name) => [name, name.slice(name.indexOf('/') + 1)]),
	namespace: (trace, term) =>
		byText(term, trace.service, trace.services, (name) => [name.slice(0, Math.max(0, name.indexOf('/')))]),
	name: (trace, term) => byText(term, trace.name, trace.names),
	operation: (trace, term) => byText(term, trace.operation, trace.names),
	kind: (trace, term) => byText(term, trace.kind, SPAN_KINDS),
	type: (trace, term) => byText(term, trace.type, SPAN_TYPES),
	spanId: (trace, term) => (row) => matchesAny(term, [spanIdOf(trace, row)]),
	error: (trace, term) => byTruth(term, flagTest(trace, SPAN_FLAGS.error)),
	critical: (trace, term) => byTruth(term, flagTest(trace, SPAN_FLAGS.critical)),
	slow: (trace, term) => byTruth(term, slowTest(trace)),
	duration: (trace, term) => byNumber(term, trace.duration),
	'http.response.status_code': (trace, term) => byNumber(term, trace.httpStatus),
	'http.status_code': (trace, term) => byNumber(term, trace.httpStatus),
};

const flagTest =
	(trace: Trace, flag: number): Test =>
	(row) =>
		((trace.flags[row] ?? 0) & flag) !== 0;

function compileTerm(sources: Sources, term: Term): Test {
	const isForced = term.key.kind === 'attribute' && term.key.scope !== 'any';
	const name = keyName(term.key);
	const test = !isForced && Object.hasOwn(COLUMN_TESTS, name) ? COLUMN_TESTS[name] : undefined;
	return test === undefined ? byColumn(sources, term) : test(sources.trace, term);
}

/** Fields that lie in attributes of the resource, or that a document alone has. */
const FIELD_COLUMNS: ReadonlyMap<string, ColumnKey> = new Map([
	['env', { scope: 'resource', key: 'deployment.environment.name' }],
	['version', { scope: 'resource', key: 'service.version' }],
	['instance', { scope: 'resource', key: 'service.instance.id' }],
	['scope', { scope: 'field', key: 'scope' }],
	['status', { scope: 'field', key: 'status' }],
	['statusMessage', { scope: 'field', key: 'statusMessage' }],
]);

function byColumn({ column, wanted }: Sources, term: Term): Test {
	const { key } = term;
	const name = key.kind === 'attribute' ? { scope: key.scope, key: key.key } : FIELD_COLUMNS.get(key.field);
	if (name === undefined) throw new NotHere(`Within one trace, ${keyName(key)} tells nothing apart.`);
	const found = column(name);
	if (found === undefined) {
		wanted.push(name);
		return () => false;
	}
	return columnTest(term, found);
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

const matchesAny = (term: Term, texts: readonly string[]): boolean =>
	matchesValues(
		term,
		texts.filter((text) => text !== '').map((text) => ({ text, type: 'text' as const })),
	);

function byNumber(term: Term, column: Float64Array | Uint16Array): Test {
	const isAbsent = (number: number): boolean => column instanceof Uint16Array && number === 0;
	const tests = term.values.map((value) => numberTest(term.operator, value));
	const isNegated = term.operator === '!=';
	return (row) => {
		const number = column[row] ?? 0;
		if (isAbsent(number)) return false;
		return term.operator === 'has' || tests.some((test) => test(number)) !== isNegated;
	};
}
