import type { Context, MiddlewareHandler } from 'hono';
import { tooMany } from './rate-limits.ts';

/** Half of the connections over which ClickHouse is read. */
export const requestsAtOnce = 8;
export const mostWaiting = 100;

interface Turns {
	running: number;
	/** In order. */
	waiting: Set<() => void>;
}

/** So many requests of one account run at a time, so that nobody takes all of the store; what is beyond waits, first come first served. */
export class UserTurns {
	readonly #users = new Map<string, Turns>();
	readonly #refuse: () => void;

	/** `refuse` is told of each request for which there was no place to wait. */
	constructor(refuse: () => void) {
		this.#refuse = refuse;
	}

	/**
	 * Resolves when it is the turn of a request of `user`, with what ends it. Rejects with the reason of `signal` when it is
	 * given up before, and with a ProblemError of 429 when too many wait.
	 */
	async take(user: string, signal: AbortSignal): Promise<() => void> {
		signal.throwIfAborted();
		const turns = this.#users.get(user) ?? { running: 0, waiting: new Set() };
		this.#users.set(user, turns);
		if (turns.running < requestsAtOnce) turns.running += 1;
		else await this.#wait(turns, signal);
		return () => this.#end(user, turns);
	}

	#end(user: string, turns: Turns): void {
		const [next] = turns.waiting;
		// It has the place of the one that ends.
		if (next !== undefined) return next();
		turns.running -= 1;
		if (turns.running === 0) this.#users.delete(user);
	}

	#wait({ waiting }: Turns, signal: AbortSignal): Promise<void> {
		if (waiting.size >= mostWaiting) {
			this.#refuse();
			throw tooMany(`${mostWaiting} requests wait already`, 1_000);
		}
		return new Promise((resolve, reject) => {
			const stopWaiting = () => {
				waiting.delete(begin);
				signal.removeEventListener('abort', giveUp);
			};
			const begin = () => {
				stopWaiting();
				resolve();
			};
			const giveUp = () => {
				stopWaiting();
				reject(signal.reason);
			};
			waiting.add(begin);
			signal.addEventListener('abort', giveUp);
		});
	}
}

const key = 'endTurn';

export const setTurn = (c: Context, end: () => void): void => c.set(key, end);

/** Ends the turn that a request got, however it went. */
export const endTurn: MiddlewareHandler = async (c, next) => {
	try {
		await next();
	} finally {
		(c.get(key) as (() => void) | undefined)?.();
	}
};
