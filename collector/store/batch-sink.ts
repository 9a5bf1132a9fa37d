import type { SpanBlock } from '../../schema/span-block.ts';
import { messageOf } from '../problem.ts';
import { partitionMs, PoisonError } from '../spool/batch-sink.ts';
import type { BatchSink, Partition, SubBatch } from '../spool/batch-sink.ts';
import { endsOf } from '../spool/interval.ts';
import type { ClickHouse } from './clickhouse.ts';
import { insertId } from './derived/commit-log.ts';
import type { CommitLog } from './derived/commit-log.ts';
import { endMarked } from './fence.ts';
import { uint64Column, uuidColumn } from './mark-columns.ts';
import { splitByPartition } from './partition.ts';
import type { PartitionedBlock } from './partition.ts';
import { SourceCatalog } from './source-catalog.ts';
import { columnsOf, encodeSpans, namesOf } from './span-native.ts';
import type { SpanColumn } from './span-native.ts';
import type { WriterMetrics } from './span-writer.ts';
import { isPoison } from './poison.ts';

export interface BatchSinkOptions {
	clickhouse: ClickHouse;
	/** Resolves when the store takes inserts; rejects when that takes too long. */
	untilReady: () => Promise<void>;
	/** Numbers the inserts, for the tables that are derived from them. */
	commits: CommitLog;
	metrics?: WriterMetrics;
}

const COUNT_STORED = `
	SELECT count() AS stored FROM spans
	WHERE project = {project:String} AND _batch = {batch:UInt64} AND _src = {src:UUID}
		AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;

const dayMs = 86_400_000;

/**
 * Stores batches of the spool: one insert is one partition is one part, so it is stored whole or not at all. Every row
 * carries where it came from. ClickHouse's own deduplication isn't used: on a table that isn't replicated its log is
 * written before the part, and a crash in between loses what is sent again.
 */
export class ClickHouseBatchSink implements BatchSink {
	readonly #options: BatchSinkOptions;
	readonly #catalog: SourceCatalog;

	constructor(options: BatchSinkOptions) {
		this.#options = options;
		this.#catalog = new SourceCatalog(options.clickhouse);
	}

	placesOf(block: SpanBlock): Uint16Array | undefined {
		return this.#options.clickhouse.placesOf(block.traceId);
	}

	async insert(batch: SubBatch): Promise<void> {
		const { untilReady, metrics, commits } = this.#options;
		await untilReady();
		const startedMs = performance.now();
		const { project, startMs, shard = 0 } = batch.partition;
		const unit = { project, day: Math.floor(startMs / dayMs), shard };
		const commit = commits.begin(unit, batch.spans, endsIn(batch));
		try {
			await this.#insert(batch, commit.number);
			commits.settle(commit, 'stored');
		} catch (error) {
			commits.settle(commit, 'unknown');
			throw isPoison(error) ? new PoisonError(messageOf(error)) : error;
		}
		metrics?.insertDuration.observe((performance.now() - startedMs) / 1_000);
	}

	async #insert(batch: SubBatch, commit: number): Promise<void> {
		const { clickhouse, commits } = this.#options;
		const { writer } = commits;
		const { shard = 0 } = batch.partition;
		const { pieces, blocks, filled } = prepare(batch, (block) => this.placesOf(block));
		const columns = [
			...filled,
			uuidColumn('_src', batch.src),
			uint64Column('_batch', batch.batch),
			uuidColumn('_writer', writer),
			uint64Column('_commit', commit),
		];
		const encoding = new Encoding(blocks, columns);
		await this.#catalog.store(pieces, shard);
		const settings = {
			// More than one partition would make more than one part, which isn't atomic: rather fail than that.
			max_partitions_per_insert_block: '1',
			throw_on_max_partitions_per_insert_block: 1,
			log_comment: markOf(batch.src, batch.batch, batch.partition),
		} as const;
		const into = `spans (${namesOf(columns)})`;
		try {
			await clickhouse.shard(shard).insert(into, 'Native', encoding.pieces(), settings, insertId(writer, commit));
		} catch (error) {
			throw encoding.failure === undefined ? error : cannotEncode(encoding.failure);
		}
	}

	async countStored(src: string, batch: number, partition: Partition): Promise<number> {
		const { clickhouse, untilReady } = this.#options;
		await untilReady();
		const { project, startMs, shard = 0 } = partition;
		const server = clickhouse.shard(shard);
		await endMarked(server, markOf(src, batch, partition));
		const parameters = { src, batch: String(batch), project, from: String(startMs), to: String(startMs + partitionMs) };
		const [row] = await server.rows<{ stored: number }>(COUNT_STORED, parameters);
		return row?.stored ?? 0;
	}
}

/** Names an insert in `system.processes`. Without the project, whose name a sender chooses: one too many is waited for. */
const markOf = (src: string, batch: number, { startMs }: Partition): string =>
	`spool ${src.replaceAll(/[^0-9a-f-]/g, '')} ${batch} ${startMs}`;

const cannotEncode = (error: unknown): PoisonError =>
	new PoisonError(`the rows could not be encoded: ${messageOf(error)}`);

/** The rows of the partition, and the columns that are not empty. */
function prepare(
	batch: SubBatch,
	placesOf: (block: SpanBlock) => Uint16Array | undefined,
): { pieces: PartitionedBlock[]; blocks: SpanBlock[]; filled: SpanColumn[] } {
	const { partition, spans } = batch;
	const { startMs, shard = 0 } = partition;
	try {
		const pieces = batch.blocks.flatMap((block) =>
			splitByPartition(block, Infinity, placesOf(block)).filter(
				(piece) => piece.shard === shard && timeOf(piece.block) === startMs,
			),
		);
		const rows = pieces.reduce((total, piece) => total + piece.block.rows, 0);
		if (rows !== spans) throw new Error(`${rows} rows lie in the partition; expected ${spans}`);
		const blocks = pieces.map((piece) => piece.block);
		return { pieces, blocks, filled: columnsOf(blocks) };
	} catch (error) {
		throw cannotEncode(error);
	}
}

/** Rows on their way into an insert. What fails while it runs cuts it off, and ClickHouse stores nothing of a block that isn't whole. */
class Encoding {
	/** Why the rows can't be encoded. */
	failure: unknown;
	readonly #blocks: readonly SpanBlock[];
	readonly #columns: readonly SpanColumn[];

	constructor(blocks: readonly SpanBlock[], columns: readonly SpanColumn[]) {
		this.#blocks = blocks;
		this.#columns = columns;
	}

	*pieces(): Generator<Buffer, void, undefined> {
		try {
			yield* encodeSpans(this.#blocks, this.#columns);
		} catch (error) {
			this.failure = error;
			throw error;
		}
	}
}

/** Blocks may have rows beside the partition. */
function endsIn({ blocks, partition }: SubBatch): { earliestMs: number; latestMs: number } {
	const { earliestMs, latestMs } = endsOf(blocks);
	const lastMs = partition.startMs + partitionMs - 1;
	return { earliestMs: Math.max(partition.startMs, earliestMs), latestMs: Math.min(lastMs, latestMs) };
}

/** When the partition begins that all rows of the block lie in. */
const timeOf = (block: SpanBlock): number => Math.floor(Number(block.timeUnixMs[0]) / partitionMs) * partitionMs;
