import type { SpanBlock } from '../../../schema/span-block.ts';
import { messageOf } from '../../problem.ts';
import { partitionMs, PoisonError } from '../../spool/batch-sink.ts';
import type { BatchSink, Partition, SubBatch } from '../../spool/batch-sink.ts';
import { endsOf } from '../../spool/interval.ts';
import type { RecordRange } from '../../spool/record-ranges.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { Commit, CommitLog } from '../derived/commit-log.ts';
import type { InsertCounts } from '../derived/insert-counts.ts';
import { mayHaveFlags } from '../derived/has-flags.ts';
import { endMarked } from '../engine/fence.ts';
import { uint64Column, uuidColumn } from './mark-columns.ts';
import { splitByPartition } from './partition.ts';
import type { PartitionedBlock } from './partition.ts';
import { SourceCatalog } from './source-catalog.ts';
import { environmentsOf } from './environments-of.ts';
import { EncodingError, SpanInserts } from './span-inserts.ts';
import { mostParts } from './most-parts.ts';
import { refusalOf } from './refusal.ts';

/** What of the collector's own metrics the sink keeps. */
export interface WriterMetrics {
	insertDuration: { observe(seconds: number): void };
}

export interface BatchSinkOptions {
	clickhouse: ClickHouse;
	/** Resolves when the store takes inserts; rejects when that takes too long. */
	untilReady: () => Promise<void>;
	/** Numbers the inserts, for the tables that are derived from them. */
	commits: CommitLog;
	/** Counts what somebody asks for, beside inserting it. */
	counts?: InsertCounts;
	metrics?: WriterMetrics;
}

const COUNT_STORED = `
	SELECT count() AS stored FROM spans
	WHERE project = {project:String} AND _batch >= {first:UInt64} AND _batch <= {last:UInt64} AND _src = {src:UUID}
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
	readonly #inserts: SpanInserts;

	constructor(options: BatchSinkOptions) {
		this.#options = options;
		this.#catalog = new SourceCatalog(options.clickhouse);
		this.#inserts = new SpanInserts(options.clickhouse, options.commits.writer);
	}

	placesOf(block: SpanBlock): Uint16Array | undefined {
		return this.#options.clickhouse.placesOf(block.traceId);
	}

	mostParts(): Promise<number> {
		return mostParts(this.#options.clickhouse, 'spans');
	}

	async insert(batch: SubBatch): Promise<void> {
		const { untilReady, metrics, commits } = this.#options;
		await untilReady();
		const startedMs = performance.now();
		const { project, startMs, shard = 0 } = batch.partition;
		const unit = { project, day: Math.floor(startMs / dayMs), shard };
		const { blocks } = batch;
		const content = { environments: environmentsOf(blocks), mayHaveFlags: mayHaveFlags(blocks) };
		const commit = commits.begin(unit, batch.spans, { ...endsIn(batch), ...content });
		try {
			await this.#insert(batch, commit);
			commits.settle(commit, 'stored');
		} catch (error) {
			commits.settle(commit, 'unknown');
			throw refusalOf(error);
		}
		metrics?.insertDuration.observe((performance.now() - startedMs) / 1_000);
	}

	async #insert(batch: SubBatch, commit: Commit): Promise<void> {
		const { src, batch: number, partition } = batch;
		const { shard = 0 } = partition;
		const { counts } = this.#options;
		const pieces = piecesOf(batch, (block) => this.placesOf(block));
		await this.#catalog.store(pieces, shard);
		const marks = [uuidColumn('_src', src), uint64Column('_batch', number)];
		const settings = { log_comment: markOf(src, number, partition) };
		try {
			const blocks = pieces.map(({ block }) => block);
			counts?.add(commit, blocks);
			await this.#inserts.insert({ blocks, shard, commit: commit.number, marks, settings });
		} catch (error) {
			throw error instanceof EncodingError ? cannotEncode(error) : error;
		}
	}

	async countStored(src: string, { first, last }: RecordRange, partition: Partition): Promise<number> {
		const { clickhouse, untilReady } = this.#options;
		await untilReady();
		const { project, startMs, shard = 0 } = partition;
		const server = clickhouse.shard(shard);
		// Whatever this spool still has under way: it stores one batch after the other.
		await endMarked(server, markOfSpool(src));
		const [from, to] = [String(startMs), String(startMs + partitionMs)];
		const parameters = { src, first: String(first), last: String(last), project, from, to };
		const [row] = await server.rows<{ stored: number }>(COUNT_STORED, parameters);
		return row?.stored ?? 0;
	}
}

/** How the names begin that inserts have in `system.processes`. */
const markOfSpool = (src: string): string => `spool ${src.replaceAll(/[^0-9a-f-]/g, '')} `;
const markOf = (src: string, batch: number, { startMs }: Partition): string => `${markOfSpool(src)}${batch} ${startMs}`;

const cannotEncode = (error: unknown): PoisonError =>
	new PoisonError(`the rows could not be encoded: ${messageOf(error)}`);

/** The rows of the partition. */
function piecesOf(batch: SubBatch, placesOf: (block: SpanBlock) => Uint16Array | undefined): PartitionedBlock[] {
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
		return pieces;
	} catch (error) {
		throw cannotEncode(error);
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
