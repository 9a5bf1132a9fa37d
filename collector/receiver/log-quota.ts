/**
 * How many log records without an exception may be kept: so many a minute, and as many at once. What was taken beyond that,
 * because a large request was read meanwhile, is owed.
 */
export class LogQuota {
	readonly perMinute: number;
	readonly #clock: () => number;
	#left: number;
	#atMs: number;

	/** `clock` gives Unix milliseconds. */
	constructor(perMinute: number, clock: () => number) {
		this.perMinute = perMinute;
		this.#clock = clock;
		this.#left = perMinute;
		this.#atMs = clock();
	}

	/** How many may be kept now. */
	available(): number {
		const nowMs = this.#clock();
		const earned = (Math.max(0, nowMs - this.#atMs) * this.perMinute) / 60_000;
		this.#atMs = nowMs;
		this.#left = Math.min(this.perMinute, this.#left + earned);
		return Math.max(0, Math.floor(this.#left));
	}

	take(records: number): void {
		this.#left -= records;
	}

	/** Of records that were not stored after all. */
	giveBack(records: number): void {
		this.#left += records;
	}
}
