import type { TraceColumns } from '../../schema/trace-columns.ts';

type ComparedColumns = Pick<
	TraceColumns,
	'count' | 'parent' | 'end' | 'start' | 'duration' | 'self' | 'kind' | 'service' | 'operation' | 'services' | 'names'
>;

/** A span of either trace, or of both where they do the same in the same place. Rows are -1 where a trace has none. */
export interface ComparedSpan {
	before: number;
	after: number;
	depth: number;
}

/**
 * Two traces as one tree, a parent before its children. Spans are the same when they are of one service, operation and
 * kind below spans that are the same; of several such siblings the first is the first of the other trace, and so on.
 */
export function compareTraces(before: ComparedColumns, after: ComparedColumns): ComparedSpan[] {
	const names = new Map<string, number>();
	const sides = [keyed(before, names), keyed(after, names)] as const;
	const compared: ComparedSpan[] = [];
	const waiting = pairs(sides, childrenOf(before, -1), childrenOf(after, -1), 0).reverse();
	for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
		compared.push(span);
		const below = pairs(
			sides,
			span.before < 0 ? [] : childrenOf(before, span.before),
			span.after < 0 ? [] : childrenOf(after, span.after),
			span.depth + 1,
		);
		for (const child of below.reverse()) waiting.push(child);
	}
	return compared;
}

interface Side {
	trace: ComparedColumns;
	keys: Uint32Array;
}

/** A number for each different service, operation and kind, the same in both traces. */
function keyed(trace: ComparedColumns, names: Map<string, number>): Side {
	const known = new Map<number, number>();
	const keys = new Uint32Array(trace.count);
	for (let row = 0; row < trace.count; row++) {
		const service = trace.service[row] ?? 0;
		const operation = trace.operation[row] ?? 0;
		const kind = trace.kind[row] ?? 0;
		const packed = (service * trace.names.length + operation) * 8 + kind;
		let key = known.get(packed);
		if (key === undefined) {
			const text = JSON.stringify([trace.services[service], trace.names[operation], kind]);
			key = names.get(text) ?? names.size;
			names.set(text, key);
			known.set(packed, key);
		}
		keys[row] = key;
	}
	return { trace, keys };
}

/** In the order of the rows, which is by start. */
function childrenOf({ count, end }: ComparedColumns, row: number): number[] {
	const children: number[] = [];
	const last = row < 0 ? count : (end[row] ?? count);
	for (let child = row + 1; child < last; child = end[child] ?? last) children.push(child);
	return children;
}

/** Siblings of both traces, those that are the same together; in the order of time, as the first of the two tells it. */
function pairs(
	[before, after]: readonly [Side, Side],
	befores: readonly number[],
	afters: readonly number[],
	depth: number,
): ComparedSpan[] {
	const waiting = new Map<number, number[]>();
	for (const row of [...afters].reverse()) {
		const key = after.keys[row] ?? 0;
		const rows = waiting.get(key);
		if (rows === undefined) waiting.set(key, [row]);
		else rows.push(row);
	}
	const found: ComparedSpan[] = befores.map((row) => ({
		before: row,
		after: waiting.get(before.keys[row] ?? 0)?.pop() ?? -1,
		depth,
	}));
	for (const rows of waiting.values()) for (const row of rows) found.push({ before: -1, after: row, depth });
	const startOf = ({ before: a, after: b }: ComparedSpan): number =>
		a >= 0 ? (before.trace.start[a] ?? 0) : (after.trace.start[b] ?? 0);
	return found.sort((a, b) => startOf(a) - startOf(b));
}

/** What one operation of one service amounts to in both traces. */
export interface ComparedOperation {
	service: string;
	operation: string;
	before: ComparedSums;
	after: ComparedSums;
}
export interface ComparedSums {
	spans: number;
	/** Nanoseconds. */
	self: number;
	total: number;
}

/** By how much self time differs, the most first. */
export function compareOperations(before: ComparedColumns, after: ComparedColumns): ComparedOperation[] {
	const operations = new Map<string, ComparedOperation>();
	const add = (trace: ComparedColumns, side: 'before' | 'after'): void => {
		for (let row = 0; row < trace.count; row++) {
			const service = trace.services[trace.service[row] ?? 0] ?? '';
			const operation = trace.names[trace.operation[row] ?? 0] ?? '';
			const key = `${service}\n${operation}`;
			let found = operations.get(key);
			if (found === undefined) {
				const none = { spans: 0, self: 0, total: 0 };
				found = { service, operation, before: { ...none }, after: { ...none } };
				operations.set(key, found);
			}
			found[side].spans++;
			found[side].self += trace.self[row] ?? 0;
			found[side].total += trace.duration[row] ?? 0;
		}
	};
	add(before, 'before');
	add(after, 'after');
	const difference = (one: ComparedOperation): number => Math.abs(one.after.self - one.before.self);
	return [...operations.values()].sort((a, b) => difference(b) - difference(a));
}
