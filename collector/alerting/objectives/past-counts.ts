import type { EventCounts } from './burn-rates.ts';
import { sumOfSlices } from './minute-counts.ts';
import type { Counted, MinuteRow, Slice } from './minute-counts.ts';

const minuteMs = 60_000;

/** Good and all events of a long past: any stretch of it is summed up at once, for it is asked for every minute. */
export class PastCounts implements Counted {
	readonly #first: number;
	/** Up to the beginning of each minute. */
	readonly #good: Float64Array;
	readonly #total: Float64Array;
	readonly #minutes: Float64Array;

	/** Rows of the same minute: the last one counts. Minutes without a row were not counted. */
	constructor(window: { fromMs: number; toMs: number }, rows: Iterable<MinuteRow>) {
		this.#first = Math.floor(window.fromMs / minuteMs);
		const size = Math.max(0, Math.ceil(window.toMs / minuteMs) - this.#first);
		[this.#good, this.#total, this.#minutes] = [size, size, size].map((length) => new Float64Array(length + 1)) as [
			Float64Array,
			Float64Array,
			Float64Array,
		];
		for (const { tMs, good, total } of rows) {
			const place = Math.floor(tMs / minuteMs) - this.#first + 1;
			if (place < 1 || place > size) continue;
			this.#good[place] = good;
			this.#total[place] = total;
			this.#minutes[place] = 1;
		}
		for (const sums of [this.#good, this.#total, this.#minutes]) {
			for (let place = 1; place <= size; place += 1) sums[place] = (sums[place] ?? 0) + (sums[place - 1] ?? 0);
		}
	}

	sum(fromMs: number, toMs: number): EventCounts & { minutes: number } {
		const last = this.#minutes.length - 1;
		const place = (ms: number) => Math.min(last, Math.max(0, Math.ceil(ms / minuteMs) - this.#first));
		const [from, to] = [place(fromMs), Math.max(place(fromMs), place(toMs))];
		const between = (sums: Float64Array) => (sums[to] ?? 0) - (sums[from] ?? 0);
		return { good: between(this.#good), total: between(this.#total), minutes: between(this.#minutes) };
	}

	slices(fromMs: number, toMs: number, slice: Slice): EventCounts & { minutes: number } {
		return sumOfSlices(this, fromMs, toMs, slice);
	}
}
