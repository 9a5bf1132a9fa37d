export interface RecordRange {
	first: number;
	last: number;
}

/** Sorted ranges of record ids that don't touch: few, because records are settled nearly in order. */
export class RecordRanges {
	#ranges: RecordRange[] = [];

	get all(): readonly RecordRange[] {
		return this.#ranges;
	}

	add(first: number, last: number): void {
		const before = this.#ranges.filter((range) => range.last < first - 1);
		const after = this.#ranges.filter((range) => range.first > last + 1);
		const touched = this.#ranges.slice(before.length, this.#ranges.length - after.length);
		const merged = {
			first: Math.min(first, ...touched.map((range) => range.first)),
			last: Math.max(last, ...touched.map((range) => range.last)),
		};
		this.#ranges = [...before, merged, ...after];
	}

	has(id: number): boolean {
		return this.#ranges.some((range) => range.first <= id && id <= range.last);
	}
}
