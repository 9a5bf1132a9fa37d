import type { BatchLimits } from './collect-batch.ts';

/** So many batches in a row must be stored as they are before larger ones are tried again; twice as many after each try in vain. */
const storedBeforeMore = { fewest: 2, most: 16 };
const mostHalvings = 10;

/** How much goes into a batch: half as much each time the store lacks memory for one, and more again while it doesn't. */
export class BatchSize {
	readonly #most: BatchLimits;
	#halvings = 0;
	#stored = 0;
	#needed = storedBeforeMore.fewest;
	/** The next batch is the first of its size since one of that size was refused. */
	#isTrial = false;

	constructor(most: BatchLimits) {
		this.#most = most;
	}

	limits(): BatchLimits {
		const share = 2 ** -this.#halvings;
		const { maxSpans, maxBytes } = this.#most;
		return { maxSpans: Math.ceil(maxSpans * share), maxBytes: Math.ceil(maxBytes * share) };
	}

	/** A batch is stored: as it was, or where its smallest parts came of so many halvings. */
	stored(halvings = 0): void {
		const { fewest, most } = storedBeforeMore;
		if (halvings > 0) {
			this.#needed = this.#isTrial ? Math.min(most, 2 * this.#needed) : this.#needed;
			this.#halvings = Math.min(mostHalvings, this.#halvings + halvings);
			this.#stored = 0;
		} else if (this.#isTrial) this.#needed = fewest;
		this.#isTrial = false;
		if (halvings === 0 && this.#halvings > 0) this.#grow();
	}

	#grow(): void {
		this.#stored += 1;
		if (this.#stored < this.#needed) return;
		this.#stored = 0;
		this.#halvings -= 1;
		this.#isTrial = true;
	}
}
