import type { Trace } from '../../schema/trace-columns.ts';
import { durationOf } from './span-facts.ts';

/** Fewer than this of a kind say nothing about what is usual. */
const FEWEST = 5;

/** A span is slow when it takes longer than 95 in 100 of those of its service and operation within the trace. */
export function slowTest(trace: Trace): (row: number) => boolean {
	const slow = slowRows(trace);
	return (row) => slow[row] === 1;
}

export function slowRows(trace: Trace): Uint8Array {
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
		const durations = Float64Array.from(rows, (row) => durationOf(trace, row)).sort();
		// Nearest rank, as everywhere.
		const limit = durations[Math.ceil(0.95 * durations.length) - 1] ?? Infinity;
		const usual = durations[Math.ceil(0.5 * durations.length) - 1] ?? 0;
		for (const row of rows) if (isSlow(durationOf(trace, row), limit, usual)) slow[row] = 1;
	}
	return slow;
}

/** Of a few spans the longest is none of the upper twentieth: it counts when it takes twice what is usual. */
const isSlow = (duration: number, limit: number, usual: number): boolean =>
	duration > limit || (duration === limit && duration >= 2 * usual && usual > 0);
