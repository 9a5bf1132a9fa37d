import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import type { BackOff } from './back-off.ts';
import { BatchSize } from './batch-size.ts';
import type { BatchSink } from './batch-sink.ts';
import { Persistence, Stopped } from './persistence.ts';
import { newSrc } from './segment-format.ts';
import type { SpoolBlock } from './spool-block.ts';
import { usualPatience } from './postponed.ts';
import { partitionsOf, storeBatch } from './store-batch.ts';
import type { GuiltyRecord } from './store-batch.ts';

export interface DirectWriterOptions<Block extends SpoolBlock> {
	sink: BatchSink<Block>;
	/** About what a block takes in memory: the queue's bound goes by it. */
	bytesOf: (block: Block) => number;
	log: Log;
	maxQueuedRows: number;
	maxQueuedBytes: number;
	backoffMs?: BackOff;
}

interface Waiting<Block extends SpoolBlock> {
	id: number;
	block: Block;
	bytes: number;
	queuedMs: number;
	done: PromiseWithResolvers<void>;
}

/** The queue is full: try again, not before `retryAfterMs`. Nothing was kept. */
export class QueueFullError extends ProblemError {
	override readonly name = 'QueueFullError';

	constructor(detail: string, retryAfterMs: number) {
		super(503, 'STORE_BUSY', detail, { retryAfterMs });
	}
}

const mebibyte = 1024 ** 2;
/** More than so much is not put into one insert. A block by itself may be larger. */
const insertLimits = { maxSpans: 100_000, maxBytes: 32 * mebibyte };
/** Inserts of fewer rows than this keep a distance, or at low traffic ClickHouse would do nothing but merge tiny parts. */
const hurryRows = 2_000;
const distanceMs = 100;
const closeTimeoutMs = 10_000;
/** Shorter than the spool's: senders wait for their answers. */
const usualBackOff: BackOff = { first: 100, last: 5_000, pressure: 5_000 };

/**
 * For those who have no spool. While one insert runs, blocks queue; when it is done, all that has queued goes into the next:
 * so inserts are as small as traffic allows and as large as load demands. What is queued is stored exactly once as long as
 * this process lives: an insert whose fate is unknown is asked about before it is tried again, however long that takes.
 */
export class DirectWriter<Block extends SpoolBlock> {
	readonly #options: DirectWriterOptions<Block>;
	readonly #src = newSrc();
	readonly #persistence: Persistence;
	readonly #size = new BatchSize(insertLimits);
	#queue: Waiting<Block>[] = [];
	#nextId = 1;
	#queuedRows = 0;
	#queuedBytes = 0;
	#running: Promise<void> | undefined;
	#lastStartMs = -Infinity;
	/** Ends the distance to the insert before. */
	#hurry: () => void = () => {};
	#isClosed = false;
	#rowsStored = 0;
	/** Smoothed, for the advice when to come back. */
	#rowsPerMs = 50;

	constructor(options: DirectWriterOptions<Block>) {
		this.#options = options;
		const { log, backoffMs = usualBackOff } = options;
		this.#persistence = new Persistence({ log, clock: Date.now, backoffMs });
	}

	/** Rows committed since the start. */
	get rowsStored(): number {
		return this.#rowsStored;
	}

	get queuedRows(): number {
		return this.#queuedRows;
	}

	/** Why the store takes nothing, since when; undefined while it does. */
	get storeFailure(): Persistence['failure'] {
		return this.#persistence.failure;
	}

	/** Unix time up to which everything that was appended is stored. */
	watermarkMs(): number {
		return this.#queue[0]?.queuedMs ?? Date.now();
	}

	/**
	 * Resolves when every row is committed in ClickHouse. Rejects with QueueFullError at once, with another ProblemError of 503
	 * when the writer closes before that is known or when ClickHouse lacks memory for it by itself and has none of it, and with
	 * one of 400 when ClickHouse will never take rows of it, or lacks memory for some and has the others.
	 */
	async append(block: Block): Promise<void> {
		if (block.rows === 0) return;
		if (this.#isClosed) throw closing();
		const bytes = this.#options.bytesOf(block);
		this.#checkRoom(block.rows, bytes);
		const waiting = { id: this.#nextId++, block, bytes, queuedMs: Date.now(), done: Promise.withResolvers<void>() };
		this.#queue.push(waiting);
		this.#queuedRows += block.rows;
		this.#queuedBytes += bytes;
		if (this.#queuedRows >= hurryRows) this.#hurry();
		this.#running ??= this.#drain();
		await waiting.done.promise;
	}

	#checkRoom(rows: number, bytes: number): void {
		const { maxQueuedRows, maxQueuedBytes } = this.#options;
		const isFull = this.#queuedRows + rows > maxQueuedRows || this.#queuedBytes + bytes > maxQueuedBytes;
		// A block that is larger than the whole queue would never get in otherwise.
		if (!isFull || this.#queuedRows === 0) return;
		const retryAfterMs = Math.min(Math.max(1_000, Math.ceil(this.#queuedRows / this.#rowsPerMs)), 30_000);
		throw new QueueFullError(
			`${this.#queuedRows} rows wait for the store; try again in ${retryAfterMs} ms`,
			retryAfterMs,
		);
	}

	/** Takes no more, and waits a while for what is queued. */
	async close(): Promise<void> {
		this.#isClosed = true;
		this.#hurry();
		const timer = setTimeout(() => {
			this.#persistence.stop();
			this.#settle(this.#queue, (waiting) => waiting.done.reject(closing()));
		}, closeTimeoutMs);
		await this.#running;
		clearTimeout(timer);
	}

	async #drain(): Promise<void> {
		while (this.#queue.length > 0) {
			await this.#keepDistance();
			this.#lastStartMs = performance.now();
			const batch = this.#takeBatch();
			try {
				const guilty = await this.#store(batch);
				this.#settle(batch, ({ id, block, done }) => {
					const record = guilty.get(id);
					if (record === undefined) done.resolve();
					else done.reject(refusalOf(record, partitionsOf({ id, block }, this.#options.sink)));
				});
			} catch (error) {
				this.#settle(batch, ({ done }) => done.reject(error instanceof Stopped ? closing() : error));
			}
		}
		this.#running = undefined;
	}

	/** The first after a pause goes at once; so does one that is large enough. */
	async #keepDistance(): Promise<void> {
		const waitMs = this.#lastStartMs + distanceMs - performance.now();
		if (waitMs <= 0 || this.#queuedRows >= hurryRows || this.#isClosed) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, waitMs);
			this.#hurry = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** They stay queued until they are stored. */
	#takeBatch(): Waiting<Block>[] {
		const { maxSpans, maxBytes } = this.#size.limits();
		let rows = 0;
		let bytes = 0;
		const end = this.#queue.findIndex((waiting, index) => {
			rows += waiting.block.rows;
			bytes += waiting.bytes;
			return index > 0 && (rows > maxSpans || bytes > maxBytes);
		});
		return end === -1 ? [...this.#queue] : this.#queue.slice(0, end);
	}

	/** Those that could not be stored, by id. */
	async #store(batch: readonly Waiting<Block>[]): Promise<Map<number, GuiltyRecord>> {
		const { sink, log } = this.#options;
		const startedMs = performance.now();
		let halvings = 0;
		const refused = await storeBatch(batch, {
			sink,
			src: this.#src,
			first: batch[0]?.id ?? 0,
			last: batch.at(-1)?.id ?? 0,
			isRepeated: false,
			persist: (step) => this.#persistence.persist(step),
			onSurprise: (what) => log.error({}, what),
			onHalved: (_, times) => (halvings = Math.max(halvings, times)),
			// What follows waits for it.
			aloneTries: usualPatience.tries,
		});
		this.#size.stored(halvings);
		const guilty = new Map(refused.map((record) => [record.id, record]));
		const rows = batch.reduce((total, { id, block }) => total + (guilty.has(id) ? 0 : block.rows), 0);
		this.#rowsStored += rows;
		this.#rowsPerMs = 0.8 * this.#rowsPerMs + (0.2 * rows) / Math.max(1, performance.now() - startedMs);
		return guilty;
	}

	#settle(batch: readonly Waiting<Block>[], settle: (waiting: Waiting<Block>) => void): void {
		const gone = new Set(batch);
		const queued = this.#queue.filter((waiting) => gone.has(waiting));
		this.#queue = this.#queue.filter((waiting) => !gone.has(waiting));
		for (const { block, bytes } of queued) {
			this.#queuedRows -= block.rows;
			this.#queuedBytes -= bytes;
		}
		for (const waiting of batch) settle(waiting);
	}
}

/** Only who is told that nothing of it was kept may send it again: the rest would be stored twice. */
function refusalOf({ reason, lacksMemory, partitions = [] }: GuiltyRecord, all: number): ProblemError {
	if (lacksMemory === undefined)
		return new ProblemError(400, 'STORE_REFUSED', `ClickHouse will never take this: ${reason}`);
	const lacking = `ClickHouse lacks memory for this request; give it more, or send less at once: ${reason}`;
	if (partitions.length === all) return new ProblemError(503, 'STORE_LACKS_MEMORY', lacking);
	return new ProblemError(400, 'STORED_IN_PART', `${lacking}; what lies in other hours is stored`);
}

const closing = (): ProblemError =>
	new ProblemError(503, 'STORE_UNAVAILABLE', 'the store closed before it was known whether these rows are stored');
