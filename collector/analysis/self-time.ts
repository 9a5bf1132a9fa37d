import type { SpanTree } from './span-rows.ts';

/** For each span the part of its time in which none of its children ran. */
export const selfTimes = (tree: SpanTree): Float64Array => selfTimesWithin(tree, -Infinity, Infinity);

/** As `selfTimes`, of what lies between two moments. */
export function selfTimesWithin({ count, start, duration, parent }: SpanTree, from: number, to: number): Float64Array {
	const self = new Float64Array(count);
	const coveredUntil = start.slice();
	const within = (begin: number, end: number): number => Math.max(0, Math.min(end, to) - Math.max(begin, from));
	// Siblings come by start, so one cursor for each parent is enough to take their union.
	for (let row = 0; row < count; row++) {
		const rowStart = start[row] ?? 0;
		const rowEnd = rowStart + (duration[row] ?? 0);
		self[row] = (self[row] ?? 0) + within(rowStart, rowEnd);
		const above = parent[row] ?? -1;
		if (above < 0) continue;
		const coveredFrom = Math.max(rowStart, coveredUntil[above] ?? 0);
		const coveredTo = Math.min(rowEnd, (start[above] ?? 0) + (duration[above] ?? 0));
		if (coveredTo <= coveredFrom) continue;
		self[above] = (self[above] ?? 0) - within(coveredFrom, coveredTo);
		coveredUntil[above] = coveredTo;
	}
	return self;
}

/** How much of the time between two moments no span ran at all. */
export function idleWithin(tree: SpanTree, from: number, to: number): number {
	const reaching: { begin: number; end: number }[] = [];
	for (let row = 0; row < tree.count; row++) {
		const begin = tree.start[row] ?? 0;
		const end = begin + (tree.duration[row] ?? 0);
		if (end > from && begin < to && sticksOut(tree, row)) reaching.push({ begin, end });
	}
	reaching.sort((a, b) => a.begin - b.begin);
	let idle = 0;
	let until = from;
	for (const { begin, end } of reaching) {
		idle += Math.max(0, begin - until);
		until = Math.max(until, end);
	}
	return idle + Math.max(0, to - until);
}

/** What lies inside its parent adds nothing to what the parent covers. */
function sticksOut({ start, duration, parent }: SpanTree, row: number): boolean {
	const above = parent[row] ?? -1;
	if (above < 0) return true;
	const begin = start[row] ?? 0;
	const aboveStart = start[above] ?? 0;
	return begin < aboveStart || begin + (duration[row] ?? 0) > aboveStart + (duration[above] ?? 0);
}
