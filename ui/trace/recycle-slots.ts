/**
 * Which row each element of the pool shows next. An element keeps its row while that is wanted, so that scrolling by five
 * rows touches five elements, and the element that has the focus keeps it. Free elements carry -1.
 */
export function recycleSlots(slots: Int32Array, wanted: readonly number[]): Int32Array {
	const waiting = new Set(wanted);
	const next = new Int32Array(Math.max(slots.length, waiting.size)).fill(-1);
	slots.forEach((row, slot) => {
		if (waiting.delete(row)) next[slot] = row;
	});
	let free = 0;
	for (const row of waiting) {
		while (next[free] !== -1) free++;
		next[free] = row;
	}
	return next;
}
