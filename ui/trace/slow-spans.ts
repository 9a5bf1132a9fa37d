import type { Trace } from '../../schema/trace-columns.ts';

type SlowColumns = Pick<Trace, 'count' | 'service' | 'operation' | 'duration'> & { names: { length: number } };

/** Fewer than this of a kind say nothing about what is usual. */
const FEWEST = 5;

/** Those of a trace, once asked for: a filter is read again with every key. */
const known = new WeakMap<SlowColumns, Uint8Array>();

/** A span is slow when it takes longer than 95 in 100 of those of its service and operation within the trace. */
export function slowTest(trace: SlowColumns): (row: number) => boolean {
	const slow = known.get(trace) ?? slowRows(trace);
	known.set(trace, slow);
	return (row) => slow[row] === 1;
}

export function slowRows(trace: SlowColumns): Uint8Array {
	const slow = new Uint8Array(trace.count);
	const groups = new Map<number, number[]>();
	for (let row = 0; row < trace.count; row++) {
		const key = (trace.service[row] ?? 0) * trace.names.length + (trace.operation[row] ?? 0);
		const group = groups.get(key);
		if (group === undefined) groups.set(key, [row]);
		else group.push(row);
	}
	for (const rows of groups.values()) {
		if (rows.length < FEWEST) continue;
		const durations = Float64Array.from(rows, (row) => trace.duration[row] ?? 0).sort();
		// Nearest rank, as everywhere.
		const limit = durations[Math.ceil(0.95 * durations.length) - 1] ?? Infinity;
		const usual = durations[Math.ceil(0.5 * durations.length) - 1] ?? 0;
		for (const row of rows) if (isSlow(trace.duration[row] ?? 0, limit, usual)) slow[row] = 1;
	}
	return slow;
}

/** Of a few spans the longest is none of the upper twentieth: it counts when it takes twice what is usual. */
const isSlow = (duration: number, limit: number, usual: number): boolean =>
	duration > limit || (duration === limit && duration >= 2 * usual && usual > 0);
