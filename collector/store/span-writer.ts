import type { SpanBlock } from '../../schema/span-block.ts';
import { endsOf } from '../spool/interval.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { CommitLog } from './derived/commit-log.ts';
import { splitByPartition } from './partition.ts';
import type { PartitionedBlock } from './partition.ts';
import { SourceCatalog } from './source-catalog.ts';
import { environmentsOf } from './environments-of.ts';
import { SpanInserts } from './span-inserts.ts';
import { QueryError, StoreBusyError } from './store-error.ts';

/** What of the collector's own metrics the writer keeps. */
export interface WriterMetrics {
	insertDuration: { observe(seconds: number): void };
}

export interface SpanWriterOptions {
	clickhouse: ClickHouse;
	/** Resolves when the store takes inserts; rejects when that takes too long. */
	untilReady: () => Promise<void>;
	/** Numbers the inserts, for the tables that are derived from them. */
	commits: CommitLog;
	metrics?: WriterMetrics;
	maxQueuedRows?: number;
	maxQueuedBytes?: number;
}

interface Piece extends PartitionedBlock {
	bytes: number;
	queuedMs: number;
	done: PromiseWithResolvers<void>;
}

const mebibyte = 1024 ** 2;
/** More than so much is not put into one insert. A block by itself may be larger in bytes, but not in rows. */
const maxInsertRows = 100_000;
const maxInsertBytes = 32 * mebibyte;
/** Inserts of fewer rows than this keep a distance, or at low traffic ClickHouse would do nothing but merge tiny parts. */
const hurryRows = 2_000;
const distanceMs = 100;
const closeTimeoutMs = 10_000;

/**
 * Group insert that clocks itself: while one insert runs, blocks queue; when it is done, all that has queued (of one
 * project, partition and shard) goes into the next. So inserts are as small as traffic allows and as large as load demands.
 */
export class SpanWriter {
	readonly #options: SpanWriterOptions;
	readonly #catalog: SourceCatalog;
	readonly #inserts: SpanInserts;
	readonly #maxQueuedRows: number;
	readonly #maxQueuedBytes: number;
	#queue: Piece[] = [];
	#queuedRows = 0;
	#queuedBytes = 0;
	#running: Promise<void> | undefined;
	#lastStartMs = -Infinity;
	/** Ends the distance to the insert before. */
	#hurry: () => void = () => {};
	#closed = false;
	#rowsStored = 0;
	/** Smoothed, for the advice when to come back. */
	#rowsPerMs = 50;

	constructor(options: SpanWriterOptions) {
		this.#options = options;
		this.#catalog = new SourceCatalog(options.clickhouse);
		this.#inserts = new SpanInserts(options.clickhouse, options.commits.writer);
		this.#maxQueuedRows = options.maxQueuedRows ?? 400_000;
		this.#maxQueuedBytes = options.maxQueuedBytes ?? 256 * mebibyte;
	}

	/** Rows committed since the start. */
	get rowsStored(): number {
		return this.#rowsStored;
	}

	get queuedRows(): number {
		return this.#queuedRows;
	}

	/** Unix time up to which everything that was appended is stored. */
	watermarkMs(): number {
		return this.#queue[0]?.queuedMs ?? Date.now();
	}

	/** Resolves when every row is committed in ClickHouse. After a rejection some rows may be stored. */
	async append(block: SpanBlock): Promise<void> {
		if (block.rows === 0) return;
		if (this.#closed) throw new QueryError(503, 'STORE_UNAVAILABLE', 'the store is closing');
		const bytes = blockBytes(block);
		const full =
			this.#queuedRows + block.rows > this.#maxQueuedRows || this.#queuedBytes + bytes > this.#maxQueuedBytes;
		// A block that is larger than the whole queue would never get in otherwise.
		if (full && this.#queuedRows > 0) {
			const retryAfterMs = Math.min(Math.max(1_000, Math.ceil(this.#queuedRows / this.#rowsPerMs)), 30_000);
			throw new StoreBusyError(
				`${this.#queuedRows} spans wait for the store; try again in ${retryAfterMs} ms`,
				retryAfterMs,
			);
		}
		const places = this.#options.clickhouse.placesOf(block.traceId);
		const pieces = splitByPartition(block, maxInsertRows, places).map((piece): Piece => {
			const share = (bytes * piece.block.rows) / block.rows;
			return { ...piece, bytes: share, queuedMs: Date.now(), done: Promise.withResolvers() };
		});
		this.#queue.push(...pieces);
		this.#queuedRows += block.rows;
		this.#queuedBytes += bytes;
		if (this.#queuedRows >= hurryRows) this.#hurry();
		this.#running ??= this.#drain();
		const outcomes = await Promise.allSettled(pieces.map((piece) => piece.done.promise));
		for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
	}

	/** Takes no more, and waits a while for what is queued. */
	async close(): Promise<void> {
		this.#closed = true;
		this.#hurry();
		const timer = setTimeout(() => this.#refuseQueued(), closeTimeoutMs);
		await this.#running;
		clearTimeout(timer);
	}

	async #drain(): Promise<void> {
		while (this.#queue.length > 0) {
			await this.#keepDistance();
			this.#lastStartMs = performance.now();
			const batch = this.#takeBatch();
			try {
				await this.#insert(batch);
				for (const piece of batch) piece.done.resolve();
			} catch (error) {
				for (const piece of batch) piece.done.reject(error);
			}
			this.#forget(batch);
		}
		this.#running = undefined;
	}

	/** The first after a pause goes at once; so does one that is large enough. */
	async #keepDistance(): Promise<void> {
		const waitMs = this.#lastStartMs + distanceMs - performance.now();
		if (waitMs <= 0 || this.#queuedRows >= hurryRows || this.#closed) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, waitMs);
			this.#hurry = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** The oldest piece, and all others that may share its insert. They stay queued until they are stored. */
	#takeBatch(): Piece[] {
		const [first] = this.#queue;
		const batch: Piece[] = [];
		let rows = 0;
		let bytes = 0;
		for (const piece of this.#queue) {
			if (piece.key !== first?.key) continue;
			rows += piece.block.rows;
			bytes += piece.bytes;
			if (batch.length > 0 && (rows > maxInsertRows || bytes > maxInsertBytes)) break;
			batch.push(piece);
		}
		return batch;
	}

	async #insert(batch: Piece[]): Promise<void> {
		const { untilReady, commits } = this.#options;
		await untilReady();
		const startedMs = performance.now();
		const rows = batch.reduce((total, piece) => total + piece.block.rows, 0);
		const { shard = 0, day = 0 } = batch[0] ?? {};
		const unit = { project: batch[0]?.block.project ?? '', day, shard };
		const blocks = batch.map(({ block }) => block);
		const commit = commits.begin(unit, rows, { ...endsOf(blocks), environments: environmentsOf(blocks) });
		try {
			await this.#insertCommit(batch, shard, commit.number);
			commits.settle(commit, 'stored');
		} catch (error) {
			commits.settle(commit, 'unknown');
			throw error;
		}
		const tookMs = performance.now() - startedMs;
		this.#rowsStored += rows;
		this.#rowsPerMs = 0.8 * this.#rowsPerMs + (0.2 * rows) / Math.max(1, tookMs);
		this.#options.metrics?.insertDuration.observe(tookMs / 1_000);
	}

	async #insertCommit(batch: readonly Piece[], shard: number, commit: number): Promise<void> {
		await this.#catalog.store(batch, shard);
		await this.#inserts.insert({ blocks: batch.map(({ block }) => block), shard, commit });
	}

	#forget(batch: readonly Piece[]): void {
		const gone = new Set(batch);
		this.#queue = this.#queue.filter((piece) => !gone.has(piece));
		for (const piece of batch) {
			this.#queuedRows -= piece.block.rows;
			this.#queuedBytes -= piece.bytes;
		}
	}

	#refuseQueued(): void {
		const refused = new QueryError(503, 'STORE_UNAVAILABLE', 'the store closed before these spans were stored');
		const waiting = this.#queue;
		this.#forget(waiting);
		for (const piece of waiting) piece.done.reject(refused);
	}
}

/** About what the block takes in memory: the queue's bound goes by it. */
function blockBytes(block: SpanBlock): number {
	const { attributes, events, links } = block;
	const perRow = 200;
	const texts = [
		attributes.string.values,
		attributes.other.values,
		events.attributes.values,
		links.attributes.values,
		block.statusMessage,
		block.traceState,
		...block.promoted.flatMap((column) => ('bytes' in column ? [column] : [])),
	];
	const entries = attributes.string.keys.length + attributes.int64.keys.length + attributes.double.keys.length;
	return block.rows * perRow + entries * 12 + texts.reduce((total, column) => total + column.bytes.byteLength, 0);
}
