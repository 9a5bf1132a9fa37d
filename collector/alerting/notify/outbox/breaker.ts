const opensAfter = 5;
const firstPauseMs = 30_000;
const longestPauseMs = 300_000;
const longestAskedMs = 3_600_000;

/**
 * Spares a target that fails: after five failures in a row only one attempt is made every 30 s, then every 5 min, whatever
 * waits. It is short beside the back-off of a delivery, so that what is new soon finds out that the target is back.
 */
export class Breaker {
	#failures = 0;
	#pausedUntilMs = 0;

	/** Unix milliseconds; in the past while attempts may be made. */
	get pausedUntilMs(): number {
		return this.#pausedUntilMs;
	}

	get isOpen(): boolean {
		return this.#failures >= opensAfter;
	}

	/** The target answered that it took something, or that it never will: it is there. */
	succeed(): void {
		this.#failures = 0;
		this.#pausedUntilMs = 0;
	}

	/** `retryAfterMs`: what the target asked to wait. */
	fail(nowMs: number, retryAfterMs: number | null): void {
		this.#failures += 1;
		const beyond = this.#failures - opensAfter;
		const pauseMs = beyond < 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(beyond, 10));
		this.#pausedUntilMs = nowMs + Math.max(pauseMs, Math.min(longestAskedMs, retryAfterMs ?? 0));
	}
}
