import type { SpanTree } from './span-rows.ts';

/** For each span the part of its time in which none of its children ran. */
export function selfTimes(tree: SpanTree): Float64Array {
	const { count, start, duration, parent } = tree;
	const self = duration.slice();
	const coveredUntil = start.slice();
	// Siblings come by start, so one cursor for each parent is enough to take their union.
	for (let row = 0; row < count; row++) {
		const above = parent[row] ?? -1;
		if (above < 0) continue;
		const parentEnd = (start[above] ?? 0) + (duration[above] ?? 0);
		const from = Math.max(start[row] ?? 0, coveredUntil[above] ?? 0);
		const to = Math.min((start[row] ?? 0) + (duration[row] ?? 0), parentEnd);
		if (to <= from) continue;
		self[above] = (self[above] ?? 0) - (to - from);
		coveredUntil[above] = to;
	}
	return self;
}
