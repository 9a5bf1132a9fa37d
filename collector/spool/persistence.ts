import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';
import { backOffMs } from './back-off.ts';
import type { BackOff } from './back-off.ts';
import { PoisonError } from './batch-sink.ts';
import { Pause } from './pause.ts';

export interface PersistenceOptions {
	log: Log;
	clock: () => number;
	backoffMs: BackOff;
}

/** Nothing is begun any more. */
export class Stopped extends Error {
	override readonly name = 'Stopped';
}

/** Tries again and again, and knows why it has to. */
export class Persistence {
	readonly #options: PersistenceOptions;
	readonly pause = new Pause();
	#isStopping = false;
	/** Why the store takes nothing, since when; undefined while it does. */
	failure: { reason: string; sinceMs: number } | undefined;

	constructor(options: PersistenceOptions) {
		this.#options = options;
	}

	get isStopping(): boolean {
		return this.#isStopping;
	}

	/** Nothing is begun any more, and nobody sleeps. */
	stop(): void {
		this.#isStopping = true;
		this.pause.end();
	}

	/** Tries without end: acknowledged spans are not given up for time. Throws PoisonError, and when it is stopped. */
	async persist<Result>(step: (attempt: number) => Promise<Result>): Promise<Result> {
		const { log, clock } = this.#options;
		for (let attempt = 0; ; attempt += 1) {
			if (this.#isStopping) throw new Stopped('the spool is closing');
			try {
				const result = await step(attempt);
				if (this.failure !== undefined) log.info({}, 'the store takes spans again');
				this.failure = undefined;
				return result;
			} catch (error) {
				if (error instanceof PoisonError) throw error;
				this.failure = { reason: messageOf(error), sinceMs: this.failure?.sinceMs ?? clock() };
				log.warn({ error: messageOf(error), attempt }, 'the store did not take a batch; it will be asked again');
				await this.backOff(error, attempt);
			}
		}
	}

	async backOff(failure: unknown, attempt: number): Promise<void> {
		await this.pause.sleepAtLeast(backOffMs(failure, attempt, this.#options.backoffMs, Math.random()));
	}
}
