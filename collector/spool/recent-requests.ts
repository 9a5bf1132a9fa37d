import { ProblemError } from '../problem.ts';
import { rememberMs } from './retry-fingerprints.ts';

export interface RecentRequestsOptions {
	/** Beyond this many the oldest are forgotten early. */
	maxEntries: number;
	/** Unix milliseconds. */
	clock: () => number;
}

/** How a request ended: taken, or refused for good. */
type Outcome = 'taken' | ProblemError;

/**
 * Tells a client's retry from a new request, for those who have no spool: in memory, so as long as this process lives. A retry
 * waits for what the first attempt waits for, and is told the same.
 */
export class RecentRequests {
	readonly #options: RecentRequestsOptions;
	readonly #pending = new Map<string, Promise<void>>();
	/** Both hold what ended within `rememberMs`: the younger one since it was begun, the older one before. */
	#younger = new Map<string, Outcome>();
	#older = new Map<string, Outcome>();
	#begunMs: number;
	#repeated = 0;

	constructor(options: RecentRequestsOptions) {
		this.#options = options;
		this.#begunMs = options.clock();
	}

	/** Requests that came again. */
	get repeated(): number {
		return this.#repeated;
	}

	/** Takes the request unless it was taken. What could not be taken now may come again; what was refused for good (400) is refused again. */
	async once(fingerprint: Uint8Array, take: () => Promise<unknown>): Promise<'stored' | 'duplicate'> {
		const key = Buffer.from(fingerprint).toString('latin1', 0, 16);
		const known = this.#younger.get(key) ?? this.#older.get(key);
		const first = this.#pending.get(key);
		if (known instanceof ProblemError) throw known;
		if (known === 'taken' || first !== undefined) {
			await first;
			this.#repeated += 1;
			return 'duplicate';
		}
		const taken = this.#take(key, take);
		this.#pending.set(key, taken);
		try {
			await taken;
		} finally {
			this.#pending.delete(key);
		}
		return 'stored';
	}

	async #take(key: string, take: () => Promise<unknown>): Promise<void> {
		try {
			await take();
			this.#remember(key, 'taken');
		} catch (error) {
			if (error instanceof ProblemError && error.status === 400) this.#remember(key, error);
			throw error;
		}
	}

	#remember(key: string, outcome: Outcome): void {
		const { maxEntries, clock } = this.#options;
		const nowMs = clock();
		const isOld = nowMs - this.#begunMs > rememberMs;
		if (isOld || this.#younger.size >= maxEntries / 2) {
			this.#older = this.#younger;
			this.#younger = new Map();
			this.#begunMs = nowMs;
		}
		this.#younger.set(key, outcome);
	}
}
