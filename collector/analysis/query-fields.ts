/** Terms about reserved fields: columns of `spans`, or of the whole trace. */
import { FIELD_CHOICES, SPAN_FIELDS, TRACE_FIELDS } from '../../schema/query-syntax.ts';
import type { FieldType, SpanField, Term, TraceField, Value } from '../../schema/query-syntax.ts';
import { allOf, anyOf, not } from './query-parameters.ts';
import type { QueryParameters } from './query-parameters.ts';
import { valueTest, wildcardTest } from './query-value-test.ts';

export const SPAN_COLUMNS: { readonly [field in SpanField]: string } = {
	service: 'service',
	namespace: 'service_namespace',
	operation: 'operation',
	name: 'name',
	kind: 'kind',
	type: 'type',
	status: 'status',
	error: 'error',
	entry: 'entry',
	duration: 'duration_nano',
	env: 'environment',
	version: 'version',
	instance: 'instance',
	scope: 'scope_name',
	project: 'project',
	traceId: 'trace_id',
	spanId: 'span_id',
	statusMessage: 'status_message',
};

/** Tells a span from its duplicates, which a retried request can leave behind. */
export const DISTINCT_SPANS = 'uniqExact(span_id, kind, service, start_nano)';
const FIRST_ROOT = "(parent_span_id != toFixedString('', 8), start_nano, span_id)";

/** What is computed of a trace, by the name under which conditions refer to it. */
export const TRACE_COLUMNS = {
	trace_duration: 'max(start_nano + duration_nano) - min(start_nano)',
	trace_spans: DISTINCT_SPANS,
	trace_errors: 'uniqExactIf((span_id, kind, service, start_nano), error = 1)',
	trace_services: 'uniqExact(service_namespace, service)',
	root_service: `argMin(service, ${FIRST_ROOT})`,
	root_namespace: `argMin(service_namespace, ${FIRST_ROOT})`,
	root_operation: `argMin(operation, ${FIRST_ROOT})`,
} as const;
export type TraceColumn = keyof typeof TRACE_COLUMNS;

/** What is worked out of the spans of a trace; its issues are kept apart. */
type TraceFact = Exclude<TraceField, 'trace.issue'>;

export const isTraceFact = (field: TraceField): field is TraceFact => field !== 'trace.issue';

const COLUMNS_OF_TRACE_FIELDS: { readonly [field in TraceFact]: readonly [TraceColumn, ...TraceColumn[]] } = {
	'trace.duration': ['trace_duration'],
	'trace.spans': ['trace_spans'],
	'trace.errors': ['trace_errors'],
	'trace.services': ['trace_services'],
	'trace.root.service': ['root_service', 'root_namespace'],
	'trace.root.operation': ['root_operation'],
};

/** A condition on one row of `spans`. */
export function fieldCondition(term: Term, field: SpanField, bind: QueryParameters): string {
	const condition = positive(term, SPAN_FIELDS[field], SPAN_COLUMNS[field], bind);
	if (field !== 'service') return condition;
	return serviceCondition(term, 'service', 'service_namespace', bind);
}

/** A condition on a trace, and the columns of it that it needs. */
export function traceFieldCondition(
	term: Term,
	field: TraceFact,
	bind: QueryParameters,
): { columns: readonly TraceColumn[]; condition: string } {
	const columns = COLUMNS_OF_TRACE_FIELDS[field];
	const condition =
		field === 'trace.root.service'
			? serviceCondition(term, 'root_service', 'root_namespace', bind)
			: positive(term, TRACE_FIELDS[field], columns[0], bind);
	return { columns, condition };
}

const isNegated = (term: Term): boolean => term.operator === '!=' || term.operator === '!~';

function positive(term: Term, type: FieldType, value: string, bind: QueryParameters): string {
	switch (type) {
		case 'text':
			return textCondition(term, value, bind);
		case 'id':
			return idCondition(term, value, bind);
		case 'duration':
			return durationCondition(term, value, bind);
		case 'count':
			return countCondition(term, value, bind);
		default:
			return choiceCondition(term, type, value, bind);
	}
}

/** An empty text counts as absent. */
function textCondition(term: Term, column: string, bind: QueryParameters): string {
	const has = `${column} != ''`;
	if (term.operator === 'has') return has;
	const test = valueTest(term.operator, term.values, bind);
	const match = test.text?.(column) ?? '0';
	if (isNegated(term)) return allOf([has, not(match)]);
	return test.matchesEmpty ? allOf([has, match]) : match;
}

/** A service is asked for by its bare name, or as `namespace/name`. */
function serviceCondition(term: Term, service: string, namespace: string, bind: QueryParameters): string {
	if (term.operator === 'has') return `${service} != ''`;
	const test = valueTest(term.operator, term.values, bind);
	const ofText = test.text ?? (() => '0');
	const parts = partsOfNames(term);
	const named =
		parts === undefined
			? allOf([`${namespace} != ''`, ofText(`concat(${namespace}, '/', ${service})`)])
			: anyOf(parts.map((part) => `(${namespace} = ${bind.string(part.namespace)} AND ${service} = ${bind.string(part.name)})`)); // prettier-ignore
	const match = anyOf([ofText(service), named]);
	const isThere = `${service} != ''`;
	if (isNegated(term)) return allOf([isThere, not(match)]);
	// No part is empty, so that only the bare name could be.
	return parts === undefined || test.matchesEmpty ? allOf([isThere, match]) : match;
}

const mostParts = 8;

/**
 * Each way in which the names that are asked for may be `namespace/name`: either may hold slashes. Compared by parts, names are
 * looked up in dictionaries rather than put together for each span. Undefined where that can't be said, or in too many ways.
 */
function partsOfNames({ operator, values }: Term): { namespace: string; name: string }[] | undefined {
	if (operator !== ':' && operator !== '!=') return undefined;
	const parts: { namespace: string; name: string }[] = [];
	for (const value of values) {
		if (value.kind === 'wildcard') return undefined;
		const text = 'text' in value ? value.text : '';
		for (let slash = text.indexOf('/', 1); slash > 0 && slash < text.length - 1; slash = text.indexOf('/', slash + 1)) {
			parts.push({ namespace: text.slice(0, slash), name: text.slice(slash + 1) });
		}
	}
	return parts.length > mostParts ? undefined : parts;
}

/** @param column whose bytes are what the id's digits say */
export function idCondition(term: Term, column: string, bind: QueryParameters): string {
	if (term.operator === 'has') return '1';
	const digits = `lower(hex(${column}))`;
	const tests = term.values.map((value) => {
		if (value.kind === 'wildcard')
			return wildcardTest(
				value.pieces.map((piece) => piece.toLowerCase()),
				bind,
			)(digits);
		if (value.kind !== 'text') return '0';
		if (term.operator === '~' || term.operator === '!~') return `match(${digits}, ${bind.string(value.text)})`;
		return `${column} = unhex(${bind.string(value.text.toLowerCase())})`;
	});
	return isNegated(term) ? not(anyOf(tests)) : anyOf(tests);
}

function durationCondition(term: Term, column: string, bind: QueryParameters): string {
	if (term.operator === 'has') return '1';
	const sign = term.operator === ':' || term.operator === '!=' ? '=' : term.operator;
	const tests = term.values.map((value) => {
		if (value.kind === 'duration') return `${column} ${sign} ${bind.uint64(value.nano)}`;
		if (value.kind !== 'durations') return '0';
		const from = value.from === undefined ? [] : [`${column} >= ${bind.uint64(value.from.nano)}`];
		const to = value.to === undefined ? [] : [`${column} <= ${bind.uint64(value.to.nano)}`];
		return allOf([...from, ...to]);
	});
	return isNegated(term) ? not(anyOf(tests)) : anyOf(tests);
}

function countCondition(term: Term, expression: string, bind: QueryParameters): string {
	if (term.operator === 'has') return '1';
	const match = valueTest(term.operator, term.values, bind).number?.(expression) ?? '0';
	return isNegated(term) ? not(match) : match;
}

/** A closed set of values, stored by their place in the list. */
function choiceCondition(term: Term, type: FieldType, column: string, bind: QueryParameters): string {
	const choices = FIELD_CHOICES[type] ?? [];
	if (term.operator === 'has') return '1';
	// `boolean` lists true first, and is stored as 1.
	const stored = (index: number): number => (type === 'boolean' ? 1 - index : index);
	if (term.operator === '~' || term.operator === '!~') {
		const tests = choices.map((choice, index) => ({ choice, number: stored(index) }));
		const name = `transform(${column}, [${tests.map(({ number }) => number).join(', ')}], [${tests.map(({ choice }) => `'${choice}'`).join(', ')}], '')`;
		const match = valueTest(term.operator, term.values, bind).text?.(name) ?? '0';
		return isNegated(term) ? not(match) : match;
	}
	const numbers = choices.flatMap((choice, index) =>
		term.values.some((value) => chooses(value, choice)) ? [stored(index)] : [],
	);
	if (numbers.length === 0) return isNegated(term) ? '1' : '0';
	return `${column} ${isNegated(term) ? 'NOT IN' : 'IN'} (${numbers.join(', ')})`;
}

function chooses(value: Value, choice: string): boolean {
	if (value.kind === 'text') return value.text === choice;
	if (value.kind !== 'wildcard') return false;
	const [first = '', ...rest] = value.pieces;
	const last = rest.pop() ?? '';
	if (!choice.startsWith(first) || !choice.endsWith(last) || choice.length < first.length + last.length) return false;
	let from = first.length;
	for (const piece of rest) {
		const found = choice.indexOf(piece, from);
		if (found === -1 || found + piece.length > choice.length - last.length) return false;
		from = found + piece.length;
	}
	return true;
}
