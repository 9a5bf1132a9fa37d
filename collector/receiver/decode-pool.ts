import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import { DecodeError, type DamagePlace } from './decode-error.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { OtlpEncoding } from './ingest-observer.ts';
import { TraceReader, type ReadTraces } from './read-traces.ts';

export interface DecodeJob {
	body: Uint8Array;
	encoding: OtlpEncoding;
	context: DecodeContext;
}

export type DecodeAnswer =
	{ kind: 'read'; read: ReadTraces } | { kind: 'damaged'; message: string; where: DamagePlace };

/** Below this a body is decoded at once: a few milliseconds, less than the way to another thread and back. */
const IN_PLACE_BYTES = 1024 * 1024;
const MAX_WAITING = 16;
const JOB_TIMEOUT_MS = 30_000;

interface Waiting {
	job: DecodeJob;
	resolve: (read: ReadTraces) => void;
	reject: (error: Error) => void;
}

interface DecodePoolOptions {
	threads: number;
	log: Log;
	/** The file that the threads run; its own one unless a test brings another. */
	workerUrl?: URL;
}

/** Decodes large bodies in a few threads, which are started when first needed. */
export class DecodePool {
	readonly #options: DecodePoolOptions;
	readonly #workerUrl: URL;
	readonly #reader = new TraceReader();
	readonly #waiting: Waiting[] = [];
	readonly #idle: Worker[] = [];
	readonly #all = new Set<Worker>();
	#isClosed = false;

	constructor(options: DecodePoolOptions) {
		this.#options = options;
		// Next to this file, as TypeScript in a checkout and as JavaScript in the package.
		this.#workerUrl =
			options.workerUrl ?? new URL(`./decode-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
	}

	/** Throws a DecodeError on damage, and a ProblemError of 503 when no thread can take the body. */
	readonly decode = async (body: Uint8Array, encoding: OtlpEncoding, context: DecodeContext): Promise<ReadTraces> => {
		if (body.length < IN_PLACE_BYTES) return this.#reader.read(body, encoding, context);
		if (this.#isClosed || this.#waiting.length >= MAX_WAITING) {
			throw new ProblemError(503, 'DECODER_BUSY', 'too many large requests at once; send it again');
		}
		return new Promise<ReadTraces>((resolve, reject) => {
			this.#waiting.push({ job: { body, encoding, context }, resolve, reject });
			this.#next();
		});
	};

	async close(): Promise<void> {
		this.#isClosed = true;
		for (const { reject } of this.#waiting.splice(0)) reject(unavailable('the collector is shutting down'));
		await Promise.all([...this.#all].map((worker) => worker.terminate()));
	}

	#next(): void {
		if (this.#waiting.length === 0) return;
		const worker = this.#idle.pop() ?? (this.#all.size < this.#options.threads ? this.#start() : undefined);
		if (worker === undefined) return;
		const waiting = this.#waiting.shift();
		if (waiting !== undefined) this.#run(worker, waiting);
	}

	#start(): Worker {
		const worker = new Worker(this.#workerUrl);
		// Idle threads do not keep the process alive.
		worker.unref();
		this.#all.add(worker);
		worker.on('exit', () => this.#all.delete(worker));
		return worker;
	}

	#run(worker: Worker, { job, resolve, reject }: Waiting): void {
		const finish = (settle: () => void, isAlive: boolean): void => {
			clearTimeout(timer);
			worker.removeAllListeners('message');
			worker.removeAllListeners('error');
			worker.off('exit', onExit);
			if (isAlive) this.#idle.push(worker);
			else {
				this.#all.delete(worker);
				// A thread that is on its way out may still report; nobody waits for it any more.
				worker.on('error', () => undefined);
				void worker.terminate();
			}
			settle();
			this.#next();
		};
		const fail = (reason: string): void => {
			this.#options.log.warn({ reason, bytes: job.body.byteLength }, 'a decoder thread was lost');
			finish(() => reject(unavailable(reason)), false);
		};
		const onExit = (): void => fail('the decoder stopped');
		const timer = setTimeout(() => fail('the decoder took too long'), JOB_TIMEOUT_MS);
		worker.on('message', (answer: DecodeAnswer) =>
			finish(() => {
				if (answer.kind === 'read') resolve(answer.read);
				else reject(new DecodeError(answer.message, answer.where));
			}, true),
		);
		worker.on('error', (error) => fail(`the decoder failed: ${messageOf(error)}`));
		worker.on('exit', onExit);
		worker.postMessage(job, [ownBuffer(job)]);
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
