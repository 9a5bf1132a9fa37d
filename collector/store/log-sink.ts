import type { LogBlock } from '../../schema/log-block.ts';
import { messageOf } from '../problem.ts';
import { partitionMs, PoisonError } from '../spool/batch-sink.ts';
import type { BatchSink, Partition, SubBatch } from '../spool/batch-sink.ts';
import type { ClickHouse } from './clickhouse.ts';
import { endQueries } from './fence.ts';
import { isPoison } from './poison.ts';
import { encodeLogs, LOG_COLUMN_NAMES } from './log-rows.ts';
import { SourceCatalog } from './source-catalog.ts';

export interface LogSinkOptions {
	clickhouse: ClickHouse;
	/** Resolves when the store takes inserts; rejects when that takes too long. */
	untilReady: () => Promise<void>;
	logsStored?: { inc(records: number): void };
}

const COUNT_STORED = `
	SELECT count() AS stored FROM logs
	WHERE project = {project:String} AND _batch = {batch:UInt64} AND _src = {src:UUID}
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

	async insert(batch: SubBatch<LogBlock>): Promise<void> {
		const { clickhouse, untilReady, logsStored } = this.#options;
		await untilReady();
		const bytes = encodeBatch(batch);
		const day = Math.floor(batch.partition.startMs / dayMs);
		try {
			await this.#catalog.store(batch.blocks.map((block) => ({ block: sourcesOf(block), day })));
			const settings = { max_partitions_per_insert_block: '1', throw_on_max_partitions_per_insert_block: 1 } as const;
			// Attempts differ at the end, since ClickHouse refuses an id that still runs.
			const queryId = `${queriesOf(batch.src, batch.batch, batch.partition)}${Date.now().toString(36)}`;
			await clickhouse.insert(`logs (${LOG_COLUMN_NAMES})`, 'RowBinary', [bytes], settings, queryId);
		} catch (error) {
			throw isPoison(error) ? new PoisonError(messageOf(error)) : error;
		}
		logsStored?.inc(batch.spans);
	}

	async countStored(src: string, batch: number, partition: Partition): Promise<number> {
		const { clickhouse, untilReady } = this.#options;
		await untilReady();
		await endQueries(clickhouse, queriesOf(src, batch, partition));
		const { project, startMs } = partition;
		const parameters = { src, batch: String(batch), project, from: String(startMs), to: String(startMs + partitionMs) };
		const [row] = await clickhouse.rows<{ stored: number }>(COUNT_STORED, parameters);
		return row?.stored ?? 0;
	}
}

/** How the ids of the batch's inserts begin. Without the project, whose name a sender chooses: one too many is ended. */
const queriesOf = (src: string, batch: number, { startMs }: Partition): string => `logs-${src}-${batch}-${startMs}-`;

function encodeBatch({ src, batch, partition: { startMs }, spans, blocks }: SubBatch<LogBlock>): Buffer {
	try {
		const isInPartition = (ms: number): boolean => ms >= startMs && ms < startMs + partitionMs;
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
