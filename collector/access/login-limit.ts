import { ProblemError } from '../problem.ts';

const windowMs = 60_000;
/** Of an account from an address. */
const perAccount = 5;
/** From an address, whatever the account; a proxy in front makes everybody one address. */
const perAddress = 30;
const maxRemembered = 20_000;

interface Window {
	sinceMs: number;
	failures: number;
}

/** Slows guessing down: failures are counted by minute, and logins that would be one too many are not even looked at. */
export class LoginLimit {
	readonly #clock: () => number;
	readonly #refuse: () => void;
	readonly #windows = new Map<string, Window>();

	/** `refuse` is told of each login that was not looked at. */
	constructor(clock: () => number, refuse: () => void) {
		this.#clock = clock;
		this.#refuse = refuse;
	}

	/** Throws a ProblemError of 429 while there were too many failures. */
	check(account: string, address: string): void {
		const nowMs = this.#clock();
		for (const [key, most] of [
			[`${address} ${account}`, perAccount],
			[address, perAddress],
		] as const) {
			const window = this.#windows.get(key);
			if (window === undefined || window.failures < most) continue;
			const retryAfterMs = window.sinceMs + windowMs - nowMs;
			if (retryAfterMs <= 0) continue;
			this.#refuse();
			const seconds = Math.ceil(retryAfterMs / 1_000);
			throw new ProblemError(429, 'TOO_MANY_LOGINS', `too many failed logins; try again in ${seconds} s`, {
				retryAfterMs,
			});
		}
	}

	/** Counted before the password is looked at, and taken back when it was right: guesses at once are counted at once. */
	attempt(account: string, address: string): () => void {
		const counted = [`${address} ${account}`, address].map((key) => this.#window(key));
		for (const window of counted) window.failures += 1;
		return () => {
			for (const window of counted) window.failures -= 1;
		};
	}

	#window(key: string): Window {
		const nowMs = this.#clock();
		const known = this.#windows.get(key);
		if (known !== undefined && nowMs < known.sinceMs + windowMs) return known;
		this.#windows.delete(key);
		const oldest = this.#windows.keys().next().value;
		if (this.#windows.size >= maxRemembered && oldest !== undefined) this.#windows.delete(oldest);
		const window = { sinceMs: nowMs, failures: 0 };
		this.#windows.set(key, window);
		return window;
	}
}
