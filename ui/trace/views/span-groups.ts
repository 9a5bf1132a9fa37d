import { SPAN_KINDS, SPAN_TYPES } from '../../../schema/span.ts';
import { printTerm } from '../../../schema/query-print.ts';
import type { Key, SpanField } from '../../../schema/query-syntax.ts';
import type { Trace } from '../../../schema/trace-columns.ts';
import type {
	AttributeColumn,
	ColumnKey,
	ColumnValue,
} from '../../../collector/analysis/trace-file/attribute-column.ts';
import { similarQuery } from '../find-similar.ts';
import { durationOf, hasFlag } from '../span-facts.ts';
import type { GroupSort } from '../trace-query.ts';

/** What the table groups by. */
export type GroupBy =
	{ kind: 'field'; field: 'service' | 'operation' | 'name' | 'kind' | 'type' } | { kind: 'attribute'; key: string };

export const GROUP_FIELDS = ['operation', 'service', 'name', 'kind', 'type'] as const;

export function readGroupBy(text: string): GroupBy {
	const field = GROUP_FIELDS.find((name) => name === text);
	if (field !== undefined) return { kind: 'field', field };
	const key = text.startsWith('attribute:') ? text.slice('attribute:'.length) : '';
	return key === '' ? { kind: 'field', field: 'operation' } : { kind: 'attribute', key };
}

export const columnOf = (by: GroupBy): ColumnKey | undefined =>
	by.kind === 'attribute' ? { scope: 'any', key: by.key } : undefined;

/** Spans that have something in common. Times are nanoseconds; quantiles are of the durations, by nearest rank. */
export interface SpanGroup {
	label: string;
	/** The service they are all of, where the groups are of one each. */
	service?: string;
	rows: number[];
	count: number;
	total: number;
	self: number;
	average: number;
	p50: number;
	p95: number;
	longest: number;
	errors: number;
	/** Finds them in a filter; undefined where the language has no words for the value. */
	query: string | undefined;
}

/** `rows` of the trace by what they have in common. Spans without the attribute, and of several values the first counts. */
export function groupSpans(trace: Trace, rows: Iterable<number>, by: GroupBy, column?: AttributeColumn): SpanGroup[] {
	const numberOf = numbering(trace, by, column);
	const members = new Map<number, number[]>();
	for (const row of rows) {
		const number = numberOf(row);
		const group = members.get(number);
		if (group === undefined) members.set(number, [row]);
		else group.push(row);
	}
	return [...members].map(([number, group]) => ({
		...labelled(trace, by, column, group[0] ?? 0, number),
		...summed(trace, group),
	}));
}

function numbering(trace: Trace, by: GroupBy, column: AttributeColumn | undefined): (row: number) => number {
	if (by.kind === 'attribute') {
		return (row) => {
			const from = column?.from[row] ?? 0;
			return from === (column?.from[row + 1] ?? 0) ? -1 : (column?.ids[from] ?? -1);
		};
	}
	// Operations and names of two services are two things.
	const perService = (index: Uint32Array) => (row: number) =>
		(trace.service[row] ?? 0) * trace.names.length + (index[row] ?? 0);
	const numberings = {
		service: (row: number) => trace.service[row] ?? 0,
		kind: (row: number) => trace.kind[row] ?? 0,
		type: (row: number) => trace.type[row] ?? 0,
		operation: perService(trace.operation),
		name: perService(trace.name),
	};
	return numberings[by.field];
}

type Label = Pick<SpanGroup, 'label' | 'service' | 'query'>;

function labelled(trace: Trace, by: GroupBy, column: AttributeColumn | undefined, row: number, number: number): Label {
	if (by.kind === 'attribute') return valueLabel(by.key, column?.values[number]);
	const service = trace.services[trace.service[row] ?? 0] ?? '';
	if (by.field === 'service') return { label: service, service, query: term('service', service) };
	if (by.field === 'kind' || by.field === 'type') {
		const label = (by.field === 'kind' ? SPAN_KINDS[number] : SPAN_TYPES[number]) ?? '';
		return { label, query: term(by.field, label) };
	}
	const label = trace.names[trace[by.field][row] ?? 0] ?? '';
	return { label, service, query: `${term('service', service)} ${term(by.field, label)}` };
}

function valueLabel(key: string, value: ColumnValue | undefined): Label {
	if (value === undefined) {
		return { label: 'not set', query: `-${printTerm({ key: attributeKey(key), operator: 'has', values: [] })}` };
	}
	const { text, type } = value;
	if (type === 'number') return { label: text, query: similarQuery('any', key, { doubleValue: Number(text) }) };
	if (type === 'boolean') return { label: text, query: similarQuery('any', key, { boolValue: text === 'true' }) };
	return { label: text, query: similarQuery('any', key, { stringValue: text }) };
}

const attributeKey = (key: string): Key => ({ kind: 'attribute', scope: 'any', key });
const term = (field: SpanField, text: string): string =>
	printTerm({ key: { kind: 'span', field }, operator: ':', values: [{ kind: 'text', text }] });

function summed(trace: Trace, rows: number[]): Omit<SpanGroup, 'label' | 'service' | 'query'> {
	const durations = Float64Array.from(rows, (row) => durationOf(trace, row)).sort();
	const rank = (q: number): number => durations[Math.max(0, Math.ceil(q * durations.length) - 1)] ?? 0;
	const total = durations.reduce((sum, duration) => sum + duration, 0);
	return {
		rows,
		count: rows.length,
		total,
		self: rows.reduce((sum, row) => sum + (trace.self[row] ?? 0), 0),
		average: total / rows.length,
		p50: rank(0.5),
		p95: rank(0.95),
		longest: durations.at(-1) ?? 0,
		errors: rows.reduce((sum, row) => sum + (hasFlag(trace, row, 'error') ? 1 : 0), 0),
	};
}

export function sortGroups(groups: readonly SpanGroup[], sort: GroupSort | `-${GroupSort}`): SpanGroup[] {
	const isDown = sort.startsWith('-');
	const by = (isDown ? sort.slice(1) : sort) as GroupSort;
	const order = (a: SpanGroup, b: SpanGroup): number => (by === 'label' ? compare(a.label, b.label) : a[by] - b[by]);
	return [...groups].sort((a, b) => (isDown ? order(b, a) : order(a, b)) || compare(a.label, b.label));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
