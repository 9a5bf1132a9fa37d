import type { LogBlock } from '../../../schema/log-block.ts';
import { messageOf } from '../../problem.ts';
import { partitionMs, PoisonError } from '../../spool/batch-sink.ts';
import type { BatchSink, Partition, SubBatch } from '../../spool/batch-sink.ts';
import type { RecordRange } from '../../spool/record-ranges.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { endQueries } from '../engine/fence.ts';
import { encodeLogs, LOG_COLUMN_NAMES } from './log-rows.ts';
import { mostParts } from './most-parts.ts';
import { refusalOf } from './refusal.ts';
import { SourceCatalog } from './source-catalog.ts';

export interface LogSinkOptions {
	clickhouse: ClickHouse;
	/** Resolves when the store takes inserts; rejects when that takes too long. */
	untilReady: () => Promise<void>;
	logsStored?: { inc(records: number): void };
}

const COUNT_STORED = `
	SELECT count() AS stored FROM logs
	WHERE project = {project:String} AND _batch >= {first:UInt64} AND _batch <= {last:UInt64} AND _src = {src:UUID}
		AND time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;

const dayMs = 86_400_000;

/** Stores batches of log records, as the sink of spans does: one insert is one partition is one part, stored whole or not at all. */
export class LogSink implements BatchSink<LogBlock> {
	readonly #options: LogSinkOptions;
	readonly #catalog: SourceCatalog;

	constructor(options: LogSinkOptions) {
		this.#options = options;
		this.#catalog = new SourceCatalog(options.clickhouse);
	}

	/** Records without a trace lie together, as if zeros were one. */
	placesOf(block: LogBlock): Uint16Array | undefined {
		const { clickhouse } = this.#options;
		if (clickhouse.shards.length === 1) return undefined;
		return clickhouse.placesOf(Buffer.concat(block.records.map(({ traceId }) => idOf(traceId))));
	}

	mostParts(): Promise<number> {
		return mostParts(this.#options.clickhouse, 'logs');
	}

	async insert(batch: SubBatch<LogBlock>): Promise<void> {
		const { clickhouse, untilReady, logsStored } = this.#options;
		await untilReady();
		const { shard = 0 } = batch.partition;
		const bytes = encodeBatch(batch, (block) => this.placesOf(block));
		const day = Math.floor(batch.partition.startMs / dayMs);
		try {
			await this.#catalog.store(
				batch.blocks.map((block) => ({ block: sourcesOf(block), day })),
				shard,
			);
			const settings = { max_partitions_per_insert_block: '1', throw_on_max_partitions_per_insert_block: 1 } as const;
			// Attempts differ at the end, since ClickHouse refuses an id that still runs.
			const queryId = `${queriesOfSpool(batch.src)}${batch.batch}-${batch.partition.startMs}-${Date.now().toString(36)}`;
			const into = `logs (${LOG_COLUMN_NAMES})`;
			await clickhouse.shard(shard).insert(into, 'RowBinary', [bytes], settings, queryId);
		} catch (error) {
			throw refusalOf(error);
		}
		logsStored?.inc(batch.spans);
	}

	async countStored(src: string, { first, last }: RecordRange, partition: Partition): Promise<number> {
		const { clickhouse, untilReady } = this.#options;
		await untilReady();
		const { project, startMs, shard = 0 } = partition;
		const server = clickhouse.shard(shard);
		// Whatever this spool still has under way: it stores one batch after the other.
		await endQueries(server, queriesOfSpool(src));
		const [from, to] = [String(startMs), String(startMs + partitionMs)];
		const parameters = { src, first: String(first), last: String(last), project, from, to };
		const [row] = await server.rows<{ stored: number }>(COUNT_STORED, parameters);
		return row?.stored ?? 0;
	}
}

/** How the ids of its inserts begin. */
const queriesOfSpool = (src: string): string => `logs-${src}-`;

const noTrace = Buffer.alloc(16);
const idOf = (traceId: string): Buffer => (traceId === '' ? noTrace : Buffer.from(traceId, 'hex'));

function encodeBatch(
	{ src, batch, partition, spans, blocks }: SubBatch<LogBlock>,
	placesOf: (block: LogBlock) => Uint16Array | undefined,
): Buffer {
	const { startMs, shard = 0 } = partition;
	try {
		const places = new Map(blocks.map((block) => [block, placesOf(block)]));
		const isInPartition = (block: LogBlock, row: number): boolean => {
			const ms = block.timeUnixMs[row] ?? 0;
			return ms >= startMs && ms < startMs + partitionMs && (places.get(block)?.[row] ?? 0) === shard;
		};
		const { rows, bytes } = encodeLogs(blocks, isInPartition, { src, batch });
		if (rows !== spans) throw new Error(`${rows} records lie in the partition; expected ${spans}`);
		return bytes;
	} catch (error) {
		throw new PoisonError(`the records could not be encoded: ${messageOf(error)}`);
	}
}

const sourcesOf = ({ project, records, resources, scopes }: LogBlock) => ({
	project,
	resources,
	scopes,
	resource: Uint32Array.from(records, (record) => record.resource),
	scope: Uint32Array.from(records, (record) => record.scope),
});
