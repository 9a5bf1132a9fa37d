import type { BatchLimits } from './collect-batch.ts';

/** So many batches in a row must be stored as they are before larger ones are tried again. */
const storedBeforeMore = 16;
const mostHalvings = 10;

/** How much goes into a batch: half as much each time the store lacks memory for one, and more again while it doesn't. */
export class BatchSize {
	readonly #most: BatchLimits;
	#halvings = 0;
	#stored = 0;

	constructor(most: BatchLimits) {
		this.#most = most;
	}

	limits(): BatchLimits {
		const share = 2 ** -this.#halvings;
		const { maxSpans, maxBytes } = this.#most;
		return { maxSpans: Math.ceil(maxSpans * share), maxBytes: Math.ceil(maxBytes * share) };
	}

	halve(): void {
		this.#halvings = Math.min(mostHalvings, this.#halvings + 1);
		this.#stored = 0;
	}

	/** A batch is stored. */
	stored(): void {
		if (this.#halvings === 0) return;
		this.#stored += 1;
		if (this.#stored < storedBeforeMore) return;
		this.#stored = 0;
		this.#halvings -= 1;
	}
}
