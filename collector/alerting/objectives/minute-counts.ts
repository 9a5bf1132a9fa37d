import type { EventCounts } from './burn-rates.ts';

const minuteMs = 60_000;

export interface MinuteRow extends EventCounts {
	/** Its beginning. */
	tMs: number;
}

/** Counts by minute over a bounded time: a ring whose newest minute overwrites the oldest. */
export class MinuteCounts implements Counted {
	readonly #size: number;
	readonly #good: Float64Array;
	readonly #total: Float64Array;
	/** Which minute, since the epoch, stands in a place; -1: none was counted. */
	readonly #minute: Float64Array;

	constructor(keptMs: number) {
		this.#size = Math.ceil(keptMs / minuteMs);
		this.#good = new Float64Array(this.#size);
		this.#total = new Float64Array(this.#size);
		this.#minute = new Float64Array(this.#size).fill(-1);
	}

	set({ tMs, good, total }: MinuteRow): void {
		const minute = Math.floor(tMs / minuteMs);
		const place = minute % this.#size;
		if ((this.#minute[place] ?? -1) > minute) return;
		this.#minute[place] = minute;
		this.#good[place] = good;
		this.#total[place] = total;
	}

	/** Events of the minutes that begin in a window, and how many of those were counted. */
	sum(fromMs: number, toMs: number): EventCounts & { minutes: number } {
		const to = Math.ceil(toMs / minuteMs);
		const counts = { good: 0, total: 0, minutes: 0 };
		for (let minute = Math.max(Math.ceil(fromMs / minuteMs), to - this.#size); minute < to; minute += 1) {
			const place = minute % this.#size;
			if (this.#minute[place] !== minute) continue;
			counts.minutes += 1;
			counts.good += this.#good[place] ?? 0;
			counts.total += this.#total[place] ?? 0;
		}
		return counts;
	}

	slices(fromMs: number, toMs: number, slice: Slice): EventCounts & { minutes: number } {
		return sumOfSlices(this, fromMs, toMs, slice);
	}

	/** The first minute from which all up to `toMs` were counted; null where the last one was not. */
	coveredFrom(toMs: number): number | null {
		let minute = Math.ceil(toMs / minuteMs) - 1;
		let from: number | null = null;
		for (let left = this.#size; left > 0 && this.#minute[minute % this.#size] === minute; left -= 1, minute -= 1) {
			from = minute * minuteMs;
		}
		return from;
	}
}

/** Of time, from multiples of its length since the epoch on. */
export interface Slice {
	ms: number;
	/** Good where so much of its events was; undefined: it counts by the share of its events that was. */
	targetRatio: number | undefined;
}

/** Events of stretches of time, and how many minutes of those were counted. */
export interface Counted {
	sum(fromMs: number, toMs: number): EventCounts & { minutes: number };
	slices(fromMs: number, toMs: number, slice: Slice): EventCounts & { minutes: number };
}

/** Slices of time in place of their events. Those without events are neither good nor bad. */
export function sumOfSlices(
	events: Pick<Counted, 'sum'>,
	fromMs: number,
	toMs: number,
	slice: Slice,
): EventCounts & { minutes: number } {
	const counts = { good: 0, total: 0, minutes: 0 };
	for (let at = Math.ceil(fromMs / slice.ms) * slice.ms; at < toMs; at += slice.ms) {
		const { good, total, minutes } = events.sum(at, Math.min(at + slice.ms, toMs));
		counts.minutes += minutes;
		if (total === 0) continue;
		counts.total += 1;
		if (slice.targetRatio === undefined) counts.good += good / total;
		else if (good >= slice.targetRatio * total) counts.good += 1;
	}
	return counts;
}
