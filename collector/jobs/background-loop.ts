import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { messageOf } from '../problem.ts';

interface BackgroundLoopOptions {
	name: string;
	/** Does a bounded piece of work; true when there is more. */
	step: () => Promise<boolean>;
	/** Between pieces, when there is nothing more. */
	intervalMs: number;
	log: Log;
	/** Share of the time in which it may be at work while there is more. */
	busyShare?: number;
}

const longestPauseMs = 60_000;

/** Work that nobody waits for: piece by piece, with pauses in proportion, and further apart while it fails. */
export class BackgroundLoop {
	readonly #options: BackgroundLoopOptions;
	readonly #stopped = new AbortController();
	#running: Promise<void> | undefined;

	constructor(options: BackgroundLoopOptions) {
		this.#options = options;
	}

	start(): void {
		this.#running ??= this.#run();
	}

	/** Lets the piece at hand end. */
	async stop(): Promise<void> {
		this.#stopped.abort();
		await this.#running;
	}

	async #run(): Promise<void> {
		const { name, step, intervalMs, log, busyShare = 0.2 } = this.#options;
		const { signal } = this.#stopped;
		let failures = 0;
		while (!signal.aborted) {
			const beganMs = performance.now();
			let hasMore = false;
			try {
				hasMore = await step();
				failures = 0;
			} catch (error) {
				failures += 1;
				log.warn({ job: name, error: messageOf(error) }, 'background work failed');
			}
			const tookMs = performance.now() - beganMs;
			const restMs = hasMore ? (tookMs * (1 - busyShare)) / busyShare : intervalMs;
			const pauseMs = Math.min(longestPauseMs, restMs * 2 ** Math.min(failures, 10));
			await sleep(pauseMs, undefined, { signal }).catch(() => {});
		}
	}
}
