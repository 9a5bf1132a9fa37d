import { Worker } from 'node:worker_threads';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { DerivationSettings } from '../pipeline/derivation-settings.ts';
import type { Redactor } from '../pipeline/redaction.ts';
import { DecodeError } from './decode-error.ts';
import { DecodeJobs, type DecodeJob, type Pack, type ReadRequest } from './decode-job.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { DecodeReport } from './decode-report.ts';
import type { BodyEncoding, OtlpEncoding } from './ingest-observer.ts';
import type { LogContext } from './log-collector.ts';
import type { LogReport } from './read-logs.ts';
import type { DecodeAnswer } from './serve-decoding.ts';

/** Below this a body is decoded at once: a fraction of a millisecond, about what the way to another thread and back takes. */
const IN_PLACE_BYTES = 16 * 1024;
/** Bodies are bounded by their bytes before they come here; this bounds how long the last one waits. */
const MAX_WAITING = 256;
/** A thread finds its next body waiting when it is done with one. */
const JOBS_OF_THREAD = 2;
const JOB_TIMEOUT_MS = 30_000;
/** What JSON of 64 MiB takes as objects, twice. */
const HEAP_MEBIBYTES = 1_024;

interface Waiting {
	job: DecodeJob;
	/** Of its body, which is gone from here once a thread has it. */
	bytes: number;
	resolve: (read: ReadRequest) => void;
	reject: (error: Error) => void;
}

interface Thread {
	worker: Worker;
	/** Oldest first: it is the one at work. */
	jobs: Waiting[];
	/** Set while it has jobs. */
	timer: NodeJS.Timeout | undefined;
}

export interface DecodePoolOptions {
	threads: number;
	/** What the threads run: it calls `serveDecoding`. */
	workerUrl: URL;
	workerData?: unknown;
	/** What a thread may take for objects. */
	heapMebibytes?: number;
	/** The same as the threads do, for bodies that are decoded in place. */
	pack: Pack;
	redactor: Redactor;
	derivation: DerivationSettings;
	log: Log;
}

/** Decodes and packs all but small bodies in a few threads, which are started when first needed. */
export class DecodePool {
	readonly #options: DecodePoolOptions;
	readonly #inPlace: DecodeJobs;
	readonly #waiting: Waiting[] = [];
	readonly #threads = new Set<Thread>();
	#isClosed = false;

	constructor(options: DecodePoolOptions) {
		this.#options = options;
		this.#inPlace = new DecodeJobs(options.pack, options.redactor, options.derivation);
	}

	/**
	 * Throws a DecodeError on damage, and a ProblemError of 503 when no thread can take the body. The memory of a large body
	 * is handed over: it must not be used afterwards.
	 */
	readonly decode = (body: Uint8Array, encoding: BodyEncoding, context: DecodeContext) =>
		this.#run({ signal: 'traces', body, encoding, context }) as Promise<ReadRequest<DecodeReport>>;

	/** The same for log records. */
	readonly decodeLogs = (body: Uint8Array, encoding: OtlpEncoding, context: LogContext) =>
		this.#run({ signal: 'logs', body, encoding, context }) as Promise<ReadRequest<LogReport>>;

	async #run(job: DecodeJob): Promise<ReadRequest> {
		if (job.body.length < IN_PLACE_BYTES) return this.#inPlace.run(job);
		if (this.#isClosed || this.#waiting.length >= MAX_WAITING) {
			throw new ProblemError(503, 'DECODER_BUSY', 'too many requests at once; send it again');
		}
		return new Promise<ReadRequest>((resolve, reject) => {
			this.#waiting.push({ job, bytes: job.body.byteLength, resolve, reject });
			this.#next();
		});
	}

	/** Those that wait are told to come again. */
	async close(): Promise<void> {
		this.#isClosed = true;
		const threads = [...this.#threads];
		for (const { reject } of this.#waiting.splice(0)) reject(unavailable('the collector is shutting down'));
		for (const thread of threads) this.#lose(thread, unavailable('the collector is shutting down'));
		await Promise.all(threads.map(({ worker }) => worker.terminate()));
	}

	#next(): void {
		while (this.#waiting.length > 0) {
			const thread = this.#freeThread();
			const waiting = thread === undefined ? undefined : this.#waiting.shift();
			if (thread === undefined || waiting === undefined) return;
			thread.jobs.push(waiting);
			thread.timer ??= this.#startTimer(thread);
			thread.worker.postMessage(waiting.job, [ownBuffer(waiting.job)]);
		}
	}

	/** An idle one, a new one, or the one with the fewest jobs, if it takes any more. */
	#freeThread(): Thread | undefined {
		let freest: Thread | undefined;
		for (const thread of this.#threads) {
			if (freest === undefined || thread.jobs.length < freest.jobs.length) freest = thread;
		}
		const isIdle = freest?.jobs.length === 0;
		if (!isIdle && this.#threads.size < this.#options.threads) return this.#start();
		return freest !== undefined && freest.jobs.length < JOBS_OF_THREAD ? freest : undefined;
	}

	#start(): Thread {
		const { workerUrl, workerData, heapMebibytes = HEAP_MEBIBYTES } = this.#options;
		const resourceLimits = { maxOldGenerationSizeMb: heapMebibytes };
		const worker = new Worker(workerUrl, { resourceLimits, workerData });
		// Idle threads do not keep the process alive.
		worker.unref();
		const thread: Thread = { worker, jobs: [], timer: undefined };
		this.#threads.add(thread);
		worker.on('message', (answer: DecodeAnswer) => this.#answered(thread, answer));
		worker.on('error', (error) => this.#failed(thread, `the decoder failed: ${messageOf(error)}`, error));
		worker.on('exit', () => this.#failed(thread, 'the decoder stopped'));
		return thread;
	}

	#startTimer(thread: Thread): NodeJS.Timeout {
		return setTimeout(() => this.#failed(thread, 'the decoder took too long'), JOB_TIMEOUT_MS);
	}

	#answered(thread: Thread, answer: DecodeAnswer): void {
		const waiting = thread.jobs.shift();
		clearTimeout(thread.timer);
		thread.timer = thread.jobs.length > 0 ? this.#startTimer(thread) : undefined;
		if (answer.kind === 'read') waiting?.resolve(answer.read);
		else waiting?.reject(new DecodeError(answer.message, answer.where));
		this.#next();
	}

	/** Nothing of its jobs was kept: their senders come again, but for a body that can only fail again. */
	#failed(thread: Thread, reason: string, error?: NodeJS.ErrnoException): void {
		if (!this.#threads.has(thread)) return;
		const bodies = thread.jobs.map(({ bytes }) => bytes);
		this.#options.log.warn({ reason, bytes: bodies }, 'a decoder thread was lost');
		if (error?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
			const detail = 'the body needs more memory than there is; send smaller batches (maxExportBatchSize)';
			thread.jobs.shift()?.reject(new ProblemError(413, 'BODY_TOO_LARGE', detail));
		}
		this.#lose(thread, unavailable(reason));
		void thread.worker.terminate();
		this.#next();
	}

	#lose(thread: Thread, error: Error): void {
		this.#threads.delete(thread);
		clearTimeout(thread.timer);
		for (const { reject } of thread.jobs.splice(0)) reject(error);
	}
}

/** The buffer behind the body, which then belongs to the thread. A body that shares its buffer with others is copied. */
function ownBuffer(job: DecodeJob): ArrayBuffer {
	const { body } = job;
	if (!(body.buffer instanceof ArrayBuffer) || body.buffer.byteLength !== body.byteLength)
		job.body = new Uint8Array(body);
	return job.body.buffer as ArrayBuffer;
}

const unavailable = (reason: string): ProblemError =>
	new ProblemError(503, 'DECODER_UNAVAILABLE', `${reason}; send it again`);
