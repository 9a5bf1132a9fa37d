import type { BatchSink } from './batch-sink.ts';

/** How many active parts of a partition slow the drain down, and how many stop it. */
export interface PartLimits {
	slow: number;
	pause: number;
}

/** ClickHouse begins to delay inserts at 1,000 parts in a partition, and refuses them at 3,000. */
export const usualPartLimits: PartLimits = { slow: 600, pause: 900 };

export interface PressureState {
	/** In the partition that has most of them; undefined before somebody asked, or where nobody knows. */
	parts: number | undefined;
	/** How far apart inserts are kept for that reason; 0 while the store keeps up. */
	distanceMs: number;
	isPaused: boolean;
}

/** A partition that is merged slower than it is filled gains about twenty parts in this time, at the usual distance. */
export const usualAskEveryMs = 10_000;
const mostDistanceMs = 10_000;
/** Of this there is more than enough to get from the usual distance to the longest. */
const mostFactor = 64;

export interface PartPressureOptions {
	sink: Pick<BatchSink, 'mostParts'>;
	limits: PartLimits;
	/** How old an answer may be. */
	askEveryMs: number;
	/** Monotonous. */
	clock: () => number;
}

/**
 * Keeps inserts apart while the store gets more parts than it merges: each insert makes one, and merges cost the same
 * processor. What waits meanwhile goes together in larger batches. Beyond the second limit nothing is inserted until
 * there are fewer.
 */
export class PartPressure {
	readonly #options: PartPressureOptions;
	#askedMs = -Infinity;
	#parts: number | undefined;
	#factor = 1;

	constructor(options: PartPressureOptions) {
		this.#options = options;
	}

	get isPaused(): boolean {
		return (this.#parts ?? 0) > this.#options.limits.pause;
	}

	/** Asks the store when its last answer is old. One that can't say is no reason to wait: inserting will show. */
	async ask(): Promise<void> {
		const { sink, limits, askEveryMs, clock } = this.#options;
		if (sink.mostParts === undefined || clock() - this.#askedMs < askEveryMs) return;
		this.#askedMs = clock();
		this.#parts = await sink.mostParts().catch(() => undefined);
		if (this.#parts === undefined) return;
		this.#factor = this.#parts > limits.slow ? Math.min(mostFactor, this.#factor * 2) : Math.max(1, this.#factor / 2);
	}

	/** How long after the batch before the next one begins, if that is `usualMs` otherwise and `lingerMs` at little traffic. */
	distanceMs(usualMs: number, lingerMs: number): number {
		return this.#factor === 1 ? usualMs : this.#widened(Math.max(usualMs, lingerMs));
	}

	state(lingerMs: number): PressureState {
		const distanceMs = this.#factor === 1 ? 0 : this.#widened(lingerMs);
		return { parts: this.#parts, distanceMs, isPaused: this.isPaused };
	}

	#widened = (ms: number): number => Math.min(Math.max(mostDistanceMs, ms), ms * this.#factor);
}
