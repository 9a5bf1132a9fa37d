import type { TraceColumns } from '../../../schema/trace-columns.ts';

export interface FlameLanes {
	/** For each row the lane it lies in, from 0. */
	laneOf: Uint32Array;
	count: number;
}

/**
 * A lane for each span, below its parent's, in which no other runs at the same time: the highest such lane. Spans are
 * taken by start, so a lane is free for one when what was put there last has ended: O(n log n).
 */
export function flameLanes({
	count,
	start,
	duration,
	parent,
}: Pick<TraceColumns, 'count' | 'start' | 'duration' | 'parent'>): FlameLanes {
	const laneOf = new Uint32Array(count);
	const free = new FreeLanes(count);
	let lanes = 0;
	for (const row of parentsFirst({ count, start, parent })) {
		const from = start[row] ?? 0;
		const lane = free.first((laneOf[parent[row] ?? -1] ?? -1) + 1, from);
		laneOf[row] = lane;
		lanes = Math.max(lanes, lane + 1);
		free.occupy(lane, from + (duration[row] ?? 0));
	}
	return { laneOf, count: lanes };
}

/** Rows by start; a child that starts before its parent comes after it all the same. */
function parentsFirst({ count, start, parent }: Pick<TraceColumns, 'count' | 'start' | 'parent'>): Uint32Array {
	const key = new Float64Array(count);
	for (let row = 0; row < count; row++) key[row] = Math.max(start[row] ?? 0, key[parent[row] ?? -1] ?? 0);
	return Uint32Array.from({ length: count }, (_, row) => row).sort((a, b) => (key[a] ?? 0) - (key[b] ?? 0) || a - b);
}

/** When each lane is free again, as a tree of minima: heap layout, lane i at `size + i`. */
class FreeLanes {
	readonly #until: Float64Array;
	readonly #size: number;

	constructor(lanes: number) {
		let size = 1;
		while (size < lanes) size *= 2;
		this.#size = size;
		this.#until = new Float64Array(size * 2).fill(-Infinity);
	}

	/** The first lane from `lane` on that is free at `nano`. There are as many lanes as spans, so there is one. */
	first(lane: number, nano: number): number {
		let node = Math.min(lane, this.#size - 1) + this.#size;
		while (this.#isBusy(node, nano)) {
			// To the next subtree on the right: up while this is a right child.
			while (node % 2 === 1 && node > 1) node >>= 1;
			if (node <= 1) return this.#size - 1;
			node++;
		}
		while (node < this.#size) node = this.#isBusy(node * 2, nano) ? node * 2 + 1 : node * 2;
		return node - this.#size;
	}

	#isBusy(node: number, nano: number): boolean {
		return (this.#until[node] ?? Infinity) > nano;
	}

	occupy(lane: number, until: number): void {
		let node = lane + this.#size;
		// Spans of no length leave the lane to what is there.
		this.#until[node] = Math.max(this.#until[node] ?? -Infinity, until);
		for (node >>= 1; node >= 1; node >>= 1) {
			this.#until[node] = Math.min(this.#until[node * 2] ?? Infinity, this.#until[node * 2 + 1] ?? Infinity);
		}
	}
}
