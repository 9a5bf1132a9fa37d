import { ProblemError } from '../problem.ts';
import { Allowance } from './allowance.ts';

/** What is held back, each with how much of it is let through. */
export const RATE_LIMITS = {
	login: 'failed logins: 5 a minute for an account from an address, 30 from an address',
	invitation: 'looks at invitations: 30 a minute from an address',
	token: 'requests by API tokens: 1,200 a minute for each token, 60 a minute from an address with tokens that are none',
	concurrency: 'requests of one account at once, tokens included: 8, with 100 more that wait',
	ingest: 'bytes and spans by ingest keys, as each key says',
} as const;
export type RateLimit = keyof typeof RATE_LIMITS;

export interface RateLimitCount {
	limit: RateLimit;
	refused: number;
	/** Unix milliseconds of the last one. */
	lastMs: number | null;
}

/** Counts what limits refused, since the start. */
export class RateLimitCounts {
	readonly #counts = new Map<RateLimit, { refused: number; lastMs: number }>();
	readonly #clock: () => number;
	readonly #tell: (limit: RateLimit) => void;

	/** `tell` is told each time, for the metrics. */
	constructor(clock: () => number, tell: (limit: RateLimit) => void) {
		this.#clock = clock;
		this.#tell = tell;
	}

	note(limit: RateLimit): void {
		const { refused } = this.#counts.get(limit) ?? { refused: 0 };
		this.#counts.set(limit, { refused: refused + 1, lastMs: this.#clock() });
		this.#tell(limit);
	}

	list(): RateLimitCount[] {
		return (Object.keys(RATE_LIMITS) as RateLimit[]).map((limit) => {
			const { refused, lastMs } = this.#counts.get(limit) ?? { refused: 0, lastMs: null };
			return { limit, refused, lastMs };
		});
	}
}

const maxRemembered = 20_000;

/** So many a minute for each of many: tokens, addresses. */
export class RequestLimit {
	readonly #perMinute: number;
	readonly #clock: () => number;
	readonly #refuse: () => void;
	readonly #allowances = new Map<string, Allowance>();

	constructor(perMinute: number, clock: () => number, refuse: () => void) {
		this.#perMinute = perMinute;
		this.#clock = clock;
		this.#refuse = refuse;
	}

	/** Counts one. Throws a ProblemError of 429 when there were too many. */
	take(of: string, what: string): void {
		const allowance = this.#of(of);
		const retryAfterMs = allowance.waitMs();
		if (retryAfterMs > 0) {
			this.#refuse();
			throw tooMany(`${what}: more than ${this.#perMinute} a minute`, retryAfterMs);
		}
		allowance.spend(1);
	}

	/** Whoever comes after many others is forgotten first, and may begin anew. */
	#of(key: string): Allowance {
		const known = this.#allowances.get(key);
		if (known !== undefined) return known;
		const oldest = this.#allowances.keys().next().value;
		if (this.#allowances.size >= maxRemembered && oldest !== undefined) this.#allowances.delete(oldest);
		const made = new Allowance(this.#perMinute, this.#clock);
		this.#allowances.set(key, made);
		return made;
	}
}

/** Of HTTP; gRPC has RESOURCE_EXHAUSTED and UNAVAILABLE for them. */
export type ThrottleStatus = 429 | 503;

export const tooMany = (what: string, retryAfterMs: number, status: ThrottleStatus = 429): ProblemError =>
	new ProblemError(status, 'TOO_MANY_REQUESTS', `${what}; come again in ${Math.ceil(retryAfterMs / 1_000)} s`, {
		retryAfterMs,
	});
