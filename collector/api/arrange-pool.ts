import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import { arrangeInPlace } from './arrange-trace.ts';
import type { ArrangeJob, ArrangeTrace } from './arrange-trace.ts';

/** Up to here a trace is arranged at once: about ten milliseconds, little more than the way to a thread and back. */
const IN_PLACE_SPANS = 4000;
const MAX_WAITING = 16;
const JOB_TIMEOUT_MS = 30_000;

interface Waiting {
	job: ArrangeJob;
	resolve: (body: ArrayBuffer) => void;
	reject: (error: Error) => void;
}

interface ArrangePoolOptions {
	log: Log;
	/** The file that the thread runs; its own one unless a test brings another. */
	workerUrl?: URL;
}

/** Arranges large traces one after the other in a thread, which is started when first needed. */
export class ArrangePool {
	readonly #log: Log;
	readonly #workerUrl: URL;
	readonly #waiting: Waiting[] = [];
	#worker: Worker | undefined;
	#running: Waiting | undefined;
	#timer: NodeJS.Timeout | undefined;
	#isClosed = false;

	constructor({ log, workerUrl }: ArrangePoolOptions) {
		this.#log = log;
		// Next to this file, as TypeScript in a checkout and as JavaScript in the package.
		this.#workerUrl =
			workerUrl ?? new URL(`./arrange-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
	}

	/** Throws a ProblemError of 503 when too many wait or the thread is lost. The columns of a large trace are handed over. */
	readonly arrange: ArrangeTrace = async (job) => {
		if (job.spans.count <= IN_PLACE_SPANS) return arrangeInPlace(job);
		if (this.#isClosed || this.#waiting.length >= MAX_WAITING) throw busy('too many large traces at once');
		return new Promise((resolve, reject) => {
			this.#waiting.push({ job, resolve, reject });
			this.#next();
		});
	};

	async close(): Promise<void> {
		this.#isClosed = true;
		for (const { reject } of this.#waiting.splice(0)) reject(busy('the collector is shutting down'));
		await this.#lose('the collector is shutting down');
	}

	#next(): void {
		if (this.#running !== undefined) return;
		const waiting = this.#waiting.shift();
		if (waiting === undefined) return;
		this.#running = waiting;
		this.#worker ??= this.#start();
		this.#timer = setTimeout(() => void this.#lose('arranging took too long'), JOB_TIMEOUT_MS);
		this.#worker.postMessage(waiting.job, buffersOf(waiting.job));
	}

	#start(): Worker {
		const worker = new Worker(this.#workerUrl);
		// An idle thread does not keep the process alive.
		worker.unref();
		worker.on('message', (body: ArrayBuffer) => this.#finish(({ resolve }) => resolve(body)));
		worker.on('error', (error) => void this.#lose(`arranging failed: ${messageOf(error)}`));
		worker.on('exit', () => {
			if (worker === this.#worker) void this.#lose('the thread ended');
		});
		return worker;
	}

	#finish(settle: (waiting: Waiting) => void): void {
		clearTimeout(this.#timer);
		const running = this.#running;
		this.#running = undefined;
		if (running !== undefined) settle(running);
		this.#next();
	}

	/** Whoever it worked for is told to come again; the next trace gets a new thread. */
	async #lose(reason: string): Promise<void> {
		const worker = this.#worker;
		this.#worker = undefined;
		if (this.#running !== undefined && !this.#isClosed)
			this.#log.warn({ reason }, 'a thread that arranges traces was lost');
		this.#finish(({ reject }) => reject(busy(reason)));
		await worker?.terminate();
	}
}

/** Each once; a column that shares its buffer with others is copied instead. */
function buffersOf({ spans }: ArrangeJob): ArrayBuffer[] {
	const whole = Object.values(spans)
		.filter((value): value is Uint8Array => ArrayBuffer.isView(value))
		.filter(({ buffer, byteLength }) => buffer.byteLength === byteLength)
		.map(({ buffer }) => buffer);
	return [...new Set(whole)].filter((buffer) => buffer instanceof ArrayBuffer);
}

const busy = (reason: string): ProblemError => new ProblemError(503, 'TRACE_BUSY', `${reason}; ask again`);
