/**
 * Which shown position each element of the pool carries next. An element keeps its position while that is wanted, so that
 * scrolling by five rows touches five elements; `pinned` keeps its element (and with it the focus) wherever it is.
 * Free elements carry -1.
 */
export function recycleSlots(slots: Int32Array, first: number, last: number, pinned: number, size: number): Int32Array {
	const isWanted = (position: number): boolean => (position >= first && position <= last) || (position >= 0 && position === pinned);
	const next = new Int32Array(Math.max(size, slots.length)).fill(-1);
	const carried = new Set<number>();
	slots.forEach((position, slot) => {
		if (!isWanted(position) || carried.has(position)) return;
		next[slot] = position;
		carried.add(position);
	});
	let free = 0;
	const place = (position: number): void => {
		if (carried.has(position)) return;
		while (free < next.length && next[free] !== -1) free++;
		if (free < next.length) next[free] = position;
		carried.add(position);
	};
	if (pinned >= 0) place(pinned);
	for (let position = first; position <= last; position++) place(position);
	return next;
}
