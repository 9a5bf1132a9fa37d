import { RedSums } from '../counts/red-sums.ts';
import type { GroupSums } from '../counts/red-sums.ts';

interface Cell {
	step: number;
	sums: GroupSums;
	/** This cell and all that are newer within its stack. */
	all: RedSums;
}

/**
 * Sums over a window that slides step by step. Two stacks: the older one knows the sum from each of its cells on, so that what
 * leaves is never subtracted, and a window costs two additions however many steps it has.
 */
export class SlidingSums {
	/** Oldest on top. */
	#older: Cell[] = [];
	#newer: { step: number; sums: GroupSums }[] = [];
	#newerSum = new RedSums();

	/** Steps ascend. */
	add(step: number, sums: GroupSums): void {
		this.#newer.push({ step, sums });
		this.#newerSum.add(sums);
	}

	/** Sums of the steps from `from` on; what is before it is gone. */
	from(from: number): RedSums {
		for (;;) {
			while ((this.#older.at(-1)?.step ?? from) < from) this.#older.pop();
			const isNewerAffected = this.#older.length === 0 && (this.#newer[0]?.step ?? from) < from;
			if (!isNewerAffected) break;
			this.#turnOver();
		}
		const oldest = this.#older.at(-1)?.all;
		if (oldest === undefined) return this.#newerSum;
		const total = new RedSums();
		total.addSums(oldest);
		total.addSums(this.#newerSum);
		return total;
	}

	get isEmpty(): boolean {
		return this.#older.length === 0 && this.#newer.length === 0;
	}

	#turnOver(): void {
		let before: RedSums | undefined;
		for (const { step, sums } of this.#newer.reverse()) {
			const all = new RedSums();
			if (before !== undefined) all.addSums(before);
			all.add(sums);
			this.#older.push({ step, sums, all });
			before = all;
		}
		this.#newer = [];
		this.#newerSum = new RedSums();
	}
}
