/** So much a minute, saved up for a minute: what is larger than what is left is let through, and owed. */
export class Allowance {
	readonly #perMs: number;
	readonly #most: number;
	readonly #clock: () => number;
	#left: number;
	#atMs: number;

	constructor(perMinute: number, clock: () => number) {
		this.#perMs = perMinute / 60_000;
		this.#most = perMinute;
		this.#clock = clock;
		this.#left = perMinute;
		this.#atMs = clock();
	}

	/** Milliseconds until something is let through again; 0 while there is something left. */
	waitMs(): number {
		this.#refill();
		return this.#left > 0 ? 0 : Math.max(1, Math.ceil((1 - this.#left) / this.#perMs));
	}

	spend(amount: number): void {
		this.#refill();
		this.#left -= amount;
	}

	#refill(): void {
		const nowMs = this.#clock();
		this.#left = Math.min(this.#most, this.#left + Math.max(0, nowMs - this.#atMs) * this.#perMs);
		this.#atMs = nowMs;
	}
}
