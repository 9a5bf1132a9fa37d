import type { LogBlock } from '../../schema/log-block.ts';
import { partitionMs } from '../spool/batch-sink.ts';
import type { LogSink } from './log-sink.ts';
import { QueryError, StoreBusyError } from './store-error.ts';

const maxQueuedRecords = 50_000;
const retryAfterMs = 1_000;
/** Past the spool: see 0026_logs.sql. */
const noSpool = '00000000-0000-0000-0000-000000000000';

interface Queued {
	block: LogBlock;
	done: PromiseWithResolvers<void>;
}

/** Stores log records at once, for those who have no spool: while one insert runs, what comes gathers for the next. */
export class LogWriter {
	readonly #sink: LogSink;
	#queue: Queued[] = [];
	#queuedRecords = 0;
	#running: Promise<void> | undefined;
	#isClosed = false;
	#recordsStored = 0;

	constructor(sink: LogSink) {
		this.#sink = sink;
	}

	/** Committed since the start. */
	get recordsStored(): number {
		return this.#recordsStored;
	}

	get queuedRecords(): number {
		return this.#queuedRecords;
	}

	/** Resolves when every record is committed in ClickHouse. After a rejection some may be stored. */
	async append(block: LogBlock): Promise<void> {
		if (this.#isClosed) throw new QueryError(503, 'STORE_UNAVAILABLE', 'the store is closing');
		if (this.#queuedRecords > 0 && this.#queuedRecords + block.rows > maxQueuedRecords) {
			throw new StoreBusyError(`${this.#queuedRecords} log records wait for the store`, retryAfterMs);
		}
		const done = Promise.withResolvers<void>();
		this.#queue.push({ block, done });
		this.#queuedRecords += block.rows;
		this.#running ??= this.#drain();
		await done.promise;
	}

	/** Takes no more, and waits for what is queued. */
	async close(): Promise<void> {
		this.#isClosed = true;
		await this.#running;
	}

	async #drain(): Promise<void> {
		while (this.#queue.length > 0) {
			const batch = this.#queue;
			this.#queue = [];
			for (const group of Map.groupBy(batch, ({ block }) => block.project).values()) await this.#insert(group);
			this.#queuedRecords -= batch.reduce((total, { block }) => total + block.rows, 0);
		}
		this.#running = undefined;
	}

	/** All are of one project. */
	async #insert(group: readonly Queued[]): Promise<void> {
		const blocks = group.map(({ block }) => block);
		const rows = blocks.flatMap((block) => {
			const places = this.#sink.placesOf(block);
			return block.timeUnixMs.map((ms, row) => ({ interval: Math.floor(ms / partitionMs), shard: places?.[row] ?? 0 }));
		});
		const portions = Map.groupBy(rows, ({ interval, shard }) => `${interval} ${shard}`);
		try {
			for (const [first, ...more] of portions.values()) {
				if (first === undefined) continue;
				const spans = 1 + more.length;
				const { interval, shard } = first;
				const partition = { project: blocks[0]?.project ?? '', startMs: interval * partitionMs, shard };
				await this.#sink.insert({ src: noSpool, batch: 0, partition, spans, blocks });
				this.#recordsStored += spans;
			}
			for (const { done } of group) done.resolve();
		} catch (error) {
			for (const { done } of group) done.reject(error);
		}
	}
}
