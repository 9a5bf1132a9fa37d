import { SPAN_KINDS } from '../../../schema/span.ts';
import { SPAN_FLAGS } from '../../../schema/trace-columns.ts';
import type { TraceColumns } from '../../../schema/trace-columns.ts';

/** What the detectors need to know of a span beside its place in the trace. Spans that say the same share one. */
export interface CallFacts {
	/** As people know it: the sanitised query, `GET /users/{id}`. */
	subject: string;
	operation: string;
	/** A call to something else: a query, a request. */
	isCall: boolean;
	/** It changes nothing as far as can be told, so that neither order nor number matter. */
	isRead: boolean;
	/**
	 * Equal for calls that ask the same with the same values; empty when the values can't be seen, as behind placeholders, and may be
	 * where more is done than read.
	 */
	identity: string;
}

/** A trace in rows, a parent before its children, siblings by start; `facts[trace.name[row]]` says what a row is. */
export interface TraceOfCalls {
	trace: Pick<
		TraceColumns,
		'count' | 'start' | 'duration' | 'self' | 'parent' | 'service' | 'name' | 'kind' | 'flags' | 'services'
	>;
	facts: readonly CallFacts[];
}

export const PERFORMANCE_KINDS = ['n-plus-one', 'repeated-calls', 'sequential-calls', 'retry-storm', 'gap'] as const;
export type PerformanceKind = (typeof PERFORMANCE_KINDS)[number];

/** One place in one trace where time was wasted. */
export interface Finding {
	kind: PerformanceKind;
	/** Row of the span around it. */
	parent: number;
	/** Row to look at first. */
	row: number;
	/** Rows that it consists of; none for a gap. */
	rows: readonly number[];
	service: string;
	/** Of the span around it. */
	operation: string;
	/** What is repeated, or lies around the gap. */
	subject: string;
	/** What an ideal program would not have waited for. Nanoseconds. */
	wastedNano: number;
}

const nothing: CallFacts = { subject: '', operation: '', isCall: false, isRead: false, identity: '' };

export const factsOf = ({ trace, facts }: TraceOfCalls, row: number): CallFacts =>
	facts[trace.name[row] ?? -1] ?? nothing;
export const startOf = ({ trace }: TraceOfCalls, row: number): number => trace.start[row] ?? 0;
export const durationOf = ({ trace }: TraceOfCalls, row: number): number => trace.duration[row] ?? 0;
export const endOf = (of: TraceOfCalls, row: number): number => startOf(of, row) + durationOf(of, row);
export const isFailed = ({ trace }: TraceOfCalls, row: number): boolean =>
	((trace.flags[row] ?? 0) & SPAN_FLAGS.error) !== 0;
export const serviceOf = ({ trace }: TraceOfCalls, row: number): string =>
	trace.services[trace.service[row] ?? 0] ?? '';
export const isKind = ({ trace }: TraceOfCalls, row: number, kind: (typeof SPAN_KINDS)[number]): boolean =>
	SPAN_KINDS[trace.kind[row] ?? 0] === kind;

/** The calls below each span, of one service, by start. Calls without a parent belong to no list. */
export function callsByParent(of: TraceOfCalls): Map<number, number[]> {
	const lists = new Map<number, number[]>();
	for (let row = 0; row < of.trace.count; row++) {
		const parent = of.trace.parent[row] ?? -1;
		if (parent < 0 || !factsOf(of, row).isCall) continue;
		const list = lists.get(parent);
		if (list === undefined) lists.set(parent, [row]);
		else list.push(row);
	}
	return lists;
}

/** Time in which at least one of the rows, given by start, ran. */
export function unionNano(of: TraceOfCalls, rows: readonly number[]): number {
	let union = 0;
	let until = -Infinity;
	for (const row of rows) {
		const end = endOf(of, row);
		if (end <= until) continue;
		union += end - Math.max(startOf(of, row), until);
		until = end;
	}
	return union;
}

export const longestNano = (of: TraceOfCalls, rows: readonly number[]): number =>
	rows.reduce((longest, row) => Math.max(longest, durationOf(of, row)), 0);

/** A finding about calls of one parent. */
export const findingOf = (
	of: TraceOfCalls,
	kind: PerformanceKind,
	rows: readonly number[],
	subject: string,
	wastedNano: number,
): Finding => {
	const [row = 0] = rows;
	const parent = of.trace.parent[row] ?? row;
	const service = serviceOf(of, row);
	return { kind, parent, row, rows, service, operation: factsOf(of, parent).operation, subject, wastedNano };
};
