/** What a query finds, by looking at every span with plain loops: written from the language's description, not from the SQL. */
import type { AnyValue } from '../../../schema/api.ts';
import type { Expression, Key, Query, SetExpression, Term, Value } from '../../../schema/query-syntax.ts';
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from '../../../schema/span.ts';
import type { PlainAttributes, PlainSpan } from '../../support/span-block.ts';

/** What the pipeline derived; how it does that is tested elsewhere. */
export interface SearchedSpan extends PlainSpan {
	operation: string;
	type: number;
	error: boolean;
	entry: boolean;
}

/** Old and new names that the tests use, and what an old value is called now. */
const SAME_NAMES = [
	['http.request.method', 'http.method'],
	['http.response.status_code', 'http.status_code'],
	['db.system.name', 'db.system'],
	['user_agent.original', 'http.user_agent'],
];
const NEW_VALUES = new Map([['mssql', 'microsoft.sql_server']]);
const NUMERIC_KEYS = new Set(['http.response.status_code', 'http.status_code']);

type Scalar = string | number | bigint | boolean;

export function search(query: Query, spans: readonly SearchedSpan[]): string[] {
	const traces = Map.groupBy(spans, (span) => span.traceId);
	const found = spans.filter(
		(span) => query.where === undefined || holds(query.where, span, traces.get(span.traceId) ?? [], traces),
	);
	return [...new Set(found.map((span) => span.spanId))].sort();
}

type Traces = ReadonlyMap<string, readonly SearchedSpan[]>;

function holds(expression: Expression, span: SearchedSpan, trace: readonly SearchedSpan[], all: Traces): boolean {
	switch (expression.kind) {
		case 'and':
			return expression.operands.every((operand) => holds(operand, span, trace, all));
		case 'or':
			return expression.operands.some((operand) => holds(operand, span, trace, all));
		case 'not':
			return !holds(expression.operand, span, trace, all);
		case 'free':
			return freeTexts(span).some((text) => contains(text, expression.pieces));
		case 'term':
			return termHolds(expression, span, trace);
		default:
			return setOf(expression, trace, all).has(span);
	}
}

// ---- Structure --------------------------------------------------------------------------------------------------

function setOf(set: SetExpression, trace: readonly SearchedSpan[], all: Traces): Set<SearchedSpan> {
	switch (set.kind) {
		case 'spans':
			return new Set(trace.filter((span) => set.where === undefined || holds(set.where, span, trace, all)));
		case 'counted': {
			const spans = setOf(set.of, trace, all);
			return compares(set.operator, spans.size, set.count) ? spans : new Set();
		}
		case 'structure': {
			const right = setOf(set.right, trace, all);
			if (set.operator === '->') {
				const left = [...all.values()].flatMap((other) => [...setOf(set.left, other, all)]);
				const ids = new Set(left.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
				return new Set([...right].filter(({ links }) => links?.some((to) => ids.has(`${to.traceId} ${to.spanId}`))));
			}
			const left = setOf(set.left, trace, all);
			if (set.operator === '||') return new Set([...left, ...right]);
			return new Set([...right].filter((span) => related(set.operator, span, left, trace)));
		}
	}
}

function related(
	operator: string,
	span: SearchedSpan,
	left: Set<SearchedSpan>,
	trace: readonly SearchedSpan[],
): boolean {
	const parent = (of: SearchedSpan) => trace.find((other) => other.spanId === of.parentSpanId);
	const ancestors = (of: SearchedSpan): SearchedSpan[] => {
		const above = parent(of);
		return above === undefined ? [] : [above, ...ancestors(above)];
	};
	switch (operator) {
		case '&&':
			return left.size > 0;
		case '>':
		case '!>': {
			const above = parent(span);
			return (above !== undefined && left.has(above)) === (operator === '>');
		}
		case '>>':
		case '!>>':
			return ancestors(span).some((above) => left.has(above)) === (operator === '>>');
		case '<':
		case '!<':
			return [...left].some((below) => below.parentSpanId === span.spanId) === (operator === '<');
		case '<<':
			return [...left].some((below) => ancestors(below).includes(span));
		default:
			return [...left].some(
				(other) => other !== span && other.parentSpanId !== undefined && other.parentSpanId === span.parentSpanId,
			);
	}
}

const compares = (operator: string, a: number | bigint | string, b: number | bigint | string): boolean =>
	operator === '>'
		? a > b
		: operator === '>='
			? a >= b
			: operator === '<'
				? a < b
				: operator === '<='
					? a <= b
					: (a == b) === (operator === ':');

// ---- Terms ------------------------------------------------------------------------------------------------------

function termHolds(term: Term, span: SearchedSpan, trace: readonly SearchedSpan[]): boolean {
	const { has, values } = valuesOf(term.key, span, trace);
	if (term.operator === 'has') return has;
	const matches = values.some((value) => term.values.some((wanted) => matchesValue(term, wanted, value)));
	return term.operator === '!=' || term.operator === '!~' ? has && !matches : matches;
}

interface Present {
	has: boolean;
	values: Scalar[];
}

function valuesOf(key: Key, span: SearchedSpan, trace: readonly SearchedSpan[]): Present {
	if (key.kind === 'attribute') return attributeValues(key.scope, key.key, span);
	const value = key.kind === 'span' ? fieldValue(key.field, span) : traceValue(key.field, trace);
	const values = Array.isArray(value) ? value : [value];
	return { has: values[0] !== '', values: values.filter((each) => each !== '') };
}

function fieldValue(field: string, span: SearchedSpan): Scalar | Scalar[] {
	const {
		service = 'unknown_service',
		namespace = '',
		version = '',
		instance = '',
		environment = '',
	} = span.resource ?? {};
	switch (field) {
		case 'service':
			return namespace === '' ? service : [service, `${namespace}/${service}`];
		case 'kind':
			return SPAN_KINDS[span.kind ?? 0] ?? '';
		case 'type':
			return SPAN_TYPES[span.type] ?? '';
		case 'status':
			return STATUS_CODES[span.statusCode ?? 0] ?? '';
		case 'error':
			return String(span.error);
		case 'entry':
			return String(span.entry);
		case 'duration':
			return span.endUnixNano - span.startUnixNano;
		case 'scope':
			return span.scope?.name ?? '';
		case 'traceId':
			return span.traceId;
		case 'spanId':
			return span.spanId;
		default: {
			const texts = {
				namespace,
				version,
				instance,
				env: environment,
				operation: span.operation,
				name: span.name ?? '',
				statusMessage: span.statusMessage ?? '',
			};
			return texts[field as keyof typeof texts];
		}
	}
}

function traceValue(field: string, trace: readonly SearchedSpan[]): Scalar | Scalar[] {
	const root = trace.find((span) => span.parentSpanId === undefined) ?? trace[0];
	switch (field) {
		case 'trace.duration':
			return (
				trace.reduce((end, span) => (span.endUnixNano > end ? span.endUnixNano : end), 0n) -
				trace.reduce((start, span) => (span.startUnixNano < start ? span.startUnixNano : start), 2n ** 63n)
			);
		case 'trace.spans':
			return trace.length;
		case 'trace.errors':
			return trace.filter((span) => span.error).length;
		case 'trace.services':
			return new Set(trace.map((span) => `${span.resource?.namespace}/${span.resource?.service}`)).size;
		case 'trace.root.service':
			return root === undefined ? '' : fieldValue('service', root);
		default:
			return root?.operation ?? '';
	}
}

function attributeValues(scope: string, key: string, span: SearchedSpan): Present {
	const names = SAME_NAMES.find((same) => same.includes(key)) ?? [key];
	const of = (attributes: PlainAttributes = []): Present => {
		const present = attributes.filter(([name]) => names.includes(name));
		return { has: present.length > 0, values: present.flatMap(([name, value]) => scalars(name, value)) };
	};
	const several = (lists: (PlainAttributes | undefined)[]): Present => {
		const all = lists.map(of);
		return { has: all.some(({ has }) => has), values: all.flatMap(({ values }) => values) };
	};
	switch (scope) {
		case 'span':
			return of(span.attributes);
		case 'resource':
			return of(span.resource?.attributes);
		case 'scope':
			return of([...(span.scope?.attributes ?? []), ...named(key, span.scope?.[key as 'name' | 'version'])]);
		case 'event':
			return several((span.events ?? []).map(({ name, attributes = [] }) => [...attributes, ...named(key, name)]));
		case 'link':
			return several((span.links ?? []).map(({ attributes }) => attributes));
		default: {
			const own = of(span.attributes);
			return own.has ? own : of(span.resource?.attributes);
		}
	}
}

/** `scope.name`, `scope.version` and `event.name` are asked like attributes. */
const named = (key: string, text: string | undefined): PlainAttributes =>
	(key === 'name' || key === 'version') && text !== undefined && text !== '' ? [[key, { stringValue: text }]] : [];

function scalars(name: string, value: AnyValue): Scalar[] {
	if (value.arrayValue !== undefined)
		return value.arrayValue.values.filter((each) => each.arrayValue === undefined).flatMap((each) => scalars('', each));
	if (value.intValue !== undefined) return [BigInt(value.intValue)];
	if (value.doubleValue !== undefined) return [Number(value.doubleValue)];
	if (value.boolValue !== undefined) return [value.boolValue];
	const text = value.stringValue;
	if (text === undefined) return [];
	const renamed = NEW_VALUES.get(text);
	// The column of a status code is a number, whoever sent it as a text.
	if (NUMERIC_KEYS.has(name) && /^\d+$/.test(text)) return [text, BigInt(text)];
	return renamed === undefined ? [text] : [text, renamed];
}

function matchesValue(term: Term, wanted: Value, value: Scalar): boolean {
	const isNumber = typeof value === 'number' || typeof value === 'bigint';
	if (term.operator === '~' || term.operator === '!~') {
		return 'text' in wanted && new RegExp(wanted.text, 's').test(String(value));
	}
	if (term.operator !== ':' && term.operator !== '!=') {
		if (wanted.kind === 'duration') return isNumber && compares(term.operator, value, wanted.nano);
		if (wanted.kind === 'number') return isNumber && compares(term.operator, value, numberOf(wanted.text));
		return wanted.kind === 'text' && typeof value === 'string' && compares(term.operator, value, wanted.text);
	}
	switch (wanted.kind) {
		case 'text':
			return value === wanted.text || value === NEW_VALUES.get(wanted.text);
		case 'duration':
			return value === wanted.text || value === wanted.nano;
		case 'boolean':
			return value === wanted.text || value === (wanted.text === 'true');
		case 'number':
			return value === wanted.text || (isNumber && value == numberOf(wanted.text));
		case 'wildcard':
			return wildcard(String(value), wanted.pieces);
		case 'range':
			return (
				isNumber &&
				(wanted.from === undefined || value >= numberOf(wanted.from.text)) &&
				(wanted.to === undefined || value <= numberOf(wanted.to.text))
			);
		case 'durations':
			return (
				isNumber &&
				(wanted.from === undefined || value >= wanted.from.nano) &&
				(wanted.to === undefined || value <= wanted.to.nano)
			);
	}
}

const numberOf = (text: string): number | bigint => (/^[+-]?\d+$/.test(text) ? BigInt(text) : Number(text));

function wildcard(text: string, pieces: readonly string[]): boolean {
	const [first = '', ...rest] = pieces;
	if (rest.length === 0) return text === first;
	if (!text.startsWith(first)) return false;
	for (let from = first.length; from <= text.length; from++) {
		if (wildcard(text.slice(from), rest)) return true;
	}
	return false;
}

// ---- Free text --------------------------------------------------------------------------------------------------

function freeTexts(span: SearchedSpan): string[] {
	const strings = (attributes: PlainAttributes = []) =>
		attributes.flatMap(([name, value]) => (value.stringValue === undefined ? [] : scalars(name, value).map(String)));
	const exceptions = (span.events ?? []).flatMap(({ attributes = [] }) =>
		strings(attributes.filter(([name]) => name === 'exception.type' || name === 'exception.message')),
	);
	return [
		span.operation,
		span.name ?? '',
		span.statusMessage ?? '',
		...(span.events ?? []).map(({ name }) => name),
		...exceptions,
		...strings(span.attributes),
	];
}

const contains = (text: string, pieces: readonly string[]): boolean =>
	wildcard(text.toLowerCase(), ['', ...pieces.map((piece) => piece.toLowerCase()), '']);
