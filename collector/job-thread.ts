import { Worker } from 'node:worker_threads';
import type { Log } from './log.ts';
import { messageOf } from './problem.ts';

interface Waiting<Job, Answer> {
	job: Job;
	handedOver: readonly ArrayBuffer[];
	resolve: (answer: Answer) => void;
	reject: (error: Error) => void;
}

interface JobThreadOptions {
	/** The file that the thread runs: it answers each message with one. */
	workerUrl: URL;
	/** What it does, for messages. */
	what: string;
	/** Jobs that wait; more are refused. */
	mostWaiting: number;
	timeoutMs: number;
	/** What is thrown to whoever gets no answer, with the reason. */
	refuse: (reason: string) => Error;
	log: Log;
}

/** The memory behind columns that can be handed over, each once; what shares its memory with others is copied instead. */
export function wholeBuffers(columns: Iterable<ArrayBufferView>): ArrayBuffer[] {
	const whole = [...columns].filter(({ buffer, byteLength }) => buffer.byteLength === byteLength);
	return [...new Set(whole.map(({ buffer }) => buffer))].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** Does jobs one after the other in a thread, which is started when first needed. One that dies loses the job at hand alone. */
export class JobThread<Job, Answer> {
	readonly #options: JobThreadOptions;
	readonly #waiting: Waiting<Job, Answer>[] = [];
	#worker: Worker | undefined;
	#running: Waiting<Job, Answer> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor(options: JobThreadOptions) {
		this.#options = options;
	}

	/** Throws what `refuse` makes of the reason when too many wait, the thread is lost, or it takes too long. */
	async run(job: Job, handedOver: readonly ArrayBuffer[]): Promise<Answer> {
		const { mostWaiting, refuse, what } = this.#options;
		if (this.#isClosed) throw refuse('the collector is shutting down');
		if (this.#waiting.length >= mostWaiting) throw refuse(`too many wait for ${what}`);
		return new Promise((resolve, reject) => {
			this.#waiting.push({ job, handedOver, resolve, reject });
			this.#next();
		});
	}

	async close(): Promise<void> {
		const reason = 'the collector is shutting down';
		this.#isClosed = true;
		for (const { reject } of this.#waiting.splice(0)) reject(this.#options.refuse(reason));
		await this.#lose(reason);
	}

	#next(): void {
		if (this.#running !== undefined) return;
		const waiting = this.#waiting.shift();
		if (waiting === undefined) return;
		const { timeoutMs, what } = this.#options;
		this.#running = waiting;
		this.#worker ??= this.#start();
		this.#timer = setTimeout(() => void this.#lose(`${what} took too long`), timeoutMs);
		this.#worker.postMessage(waiting.job, waiting.handedOver);
	}

	#start(): Worker {
		const worker = new Worker(this.#options.workerUrl);
		// An idle thread does not keep the process alive.
		worker.unref();
		worker.on('message', (answer: Answer) => this.#finish(({ resolve }) => resolve(answer)));
		worker.on('error', (error) => void this.#lose(`${this.#options.what} failed: ${messageOf(error)}`));
		worker.on('exit', () => {
			if (worker === this.#worker) void this.#lose('the thread ended');
		});
		return worker;
	}

	#finish(settle: (waiting: Waiting<Job, Answer>) => void): void {
		clearTimeout(this.#timer);
		const running = this.#running;
		this.#running = undefined;
		if (running !== undefined) settle(running);
		this.#next();
	}

	/** Whoever it worked for is told; the next job gets a new thread. */
	async #lose(reason: string): Promise<void> {
		const { log, refuse, what } = this.#options;
		const worker = this.#worker;
		this.#worker = undefined;
		if (this.#running !== undefined && !this.#isClosed) log.warn({ what, reason }, 'a thread was lost');
		this.#finish(({ reject }) => reject(refuse(reason)));
		await worker?.terminate();
	}
}
