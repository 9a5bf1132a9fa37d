import type { ClickHouse } from '../engine/clickhouse.ts';
import { DERIVED_TABLES } from '../derived/derived-tables.ts';

const hourMs = 3_600_000;

/** All rows of some tables that lie in one stretch of time, of all projects: what can be dropped at once. */
export interface Stretch {
	kind: 'raw' | 'derived';
	fromMs: number;
	toMs: number;
	rows: number;
	bytes: number;
	partitions: { table: string; id: string }[];
}

/** How much there is, and how to drop some of it. */
export interface Partitions {
	/** Bytes of all tables, those of the engine itself included, and of the copies of pinned traces among them. */
	bytesOnDisk(): Promise<{ store: number; pinned: number }>;
	pinnedBytes(): Promise<number>;
	/** Oldest first. Spans and logs are raw; what is made of them is derived. */
	stretches(): Promise<Stretch[]>;
	/** Resolves when the rows are gone. */
	drop(stretch: Stretch): Promise<void>;
}

const RAW = ['spans', 'logs'];
const DERIVED = [
	...DERIVED_TABLES.map(({ name }) => name),
	'service_edges',
	'query_repeats',
	'slowest_traces',
	'performance_findings',
];

const BYTES = `
	SELECT sum(bytes_on_disk) AS store, sumIf(bytes_on_disk, database = currentDatabase() AND startsWith(table, 'pinned_')) AS pinned
	FROM system.parts WHERE active`;

/** A partition is named by its values, the time last: `('default','2026-11-23 06:00:00')`, `('default','2026-11-23')`. */
const PARTITIONS = `
	SELECT table, partition_id AS id, sum(rows) AS partitionRows, sum(bytes_on_disk) AS bytes,
		1000 * toUnixTimestamp(parseDateTimeBestEffort(extract(any(partition), '(\\\\d{4}-\\\\d{2}-\\\\d{2}(?: \\\\d{2}:\\\\d{2}:\\\\d{2})?)\\'?\\\\)?$'), 'UTC')) AS fromMs
	FROM system.parts WHERE database = currentDatabase() AND active AND table IN {tables:Array(String)}
	GROUP BY table, id`;

interface PartitionRow {
	table: string;
	id: string;
	partitionRows: number;
	bytes: number;
	fromMs: number;
}

export function createPartitions(clickhouse: ClickHouse): Partitions {
	async function bytesOnDisk(): Promise<{ store: number; pinned: number }> {
		const shards = await clickhouse.everywhere<{ store: number; pinned: number }>(BYTES, {});
		return {
			store: shards.reduce((sum, { store }) => sum + store, 0),
			pinned: shards.reduce((sum, { pinned }) => sum + pinned, 0),
		};
	}
	return {
		bytesOnDisk,
		pinnedBytes: async () => (await bytesOnDisk()).pinned,
		async stretches() {
			const rows = await clickhouse.everywhere<PartitionRow>(PARTITIONS, { tables: [...RAW, ...DERIVED] });
			const groups = Map.groupBy(rows, ({ table, fromMs }) => `${kindOf(table)} ${fromMs}`);
			return [...groups.values()].map(toStretch).sort((a, b) => a.fromMs - b.fromMs);
		},
		async drop({ partitions }) {
			for (const { table, id } of partitions) {
				if (!/^\w+$/.test(id)) throw new Error(`${JSON.stringify(id)} is not the id of a partition`);
				for (const shard of clickhouse.shards)
					await shard.command(`ALTER TABLE \`${shard.database}\`.${table} DROP PARTITION ID '${id}'`);
			}
		},
	};
}

const kindOf = (table: string): Stretch['kind'] => (RAW.includes(table) ? 'raw' : 'derived');

function toStretch(rows: readonly PartitionRow[]): Stretch {
	const [{ table, fromMs } = { table: '', fromMs: 0 }] = rows;
	const kind = kindOf(table);
	return {
		kind,
		fromMs,
		toMs: fromMs + (kind === 'raw' ? 3 : 24) * hourMs,
		rows: rows.reduce((total, row) => total + row.partitionRows, 0),
		bytes: rows.reduce((total, row) => total + row.bytes, 0),
		partitions: rows.map(({ table, id }) => ({ table, id })),
	};
}
