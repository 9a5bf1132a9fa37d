import { copyPlace } from '../cluster/cluster-schema.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { StoreOpenError } from '../engine/store-error.ts';
import { openCopyNotes } from './copy-notes.ts';
import type { CopyUnit } from './copy-notes.ts';

export interface CopyOptions {
	/** Nobody writes to it. */
	source: ClickHouse;
	/** Nobody has written to it but this copy. */
	target: ClickHouse;
	/** Identity of the source's data folder. */
	writer: string;
	/** Told of each table when it is done. */
	onTable: (copied: CopiedTable) => unknown;
	/** For tests: called before a unit is noted as done. */
	beforeDone?: (unit: CopyUnit) => Promise<void>;
}

export interface CopiedTable {
	table: string;
	/** Of the source. */
	rows: number;
	/** Units that an earlier run had copied. */
	known: number;
	units: number;
}

/** Notes of this program about one store, which another has of its own. */
const NOT_COPIED = ['schema_migrations', 'shard_layouts', 'copied_data', 'evaluator_beats'];

const TABLES = `
	SELECT name, engine FROM system.tables
	WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree') AND NOT has({without:Array(String)}, name)
	ORDER BY name = 'spans', name`;

const PARTITIONS = `
	SELECT partition_id AS id FROM system.parts
	WHERE database = currentDatabase() AND table = {table:String} AND active GROUP BY id ORDER BY id`;

const COLUMNS = `
	SELECT name FROM system.columns
	WHERE database = currentDatabase() AND table = {table:String} AND default_kind NOT IN ('MATERIALIZED', 'ALIAS') ORDER BY position`;

const WRITERS = 'SELECT DISTINCT toString(_writer) AS writer FROM spans';

/** Reading and writing take as long as there are rows; the blocks of one answer are the blocks of one insert. */
const reading = { max_execution_time: 0, max_result_bytes: '0', wait_end_of_query: 0, max_threads: 2 } as const;
/** Merges must not drop rows of a partition that are counted: those of equal keys count as one, on both sides. */
const counting = { do_not_merge_across_partitions_select_final: 1, max_execution_time: 300 } as const;

interface Table {
	name: string;
	engine: string;
}

/**
 * Copies every table of one store to another that is empty, partition by partition, and compares the counts. A run that was
 * cut off is gone on with: what a partition has that was begun and not finished is dropped and copied anew.
 */
export async function copyTables(options: CopyOptions): Promise<void> {
	const { source, target, writer, onTable } = options;
	await checkTarget(source, target);
	const notes = await openCopyNotes(target, writer);
	for (const table of await source.rows<Table>(TABLES, { without: NOT_COPIED })) {
		const units = await unitsOf(table.name, source, target);
		const copied: CopiedTable = { table: table.name, rows: 0, known: 0, units: units.length };
		for (const unit of units) {
			const state = notes.stateOf(unit);
			if (state === 'done') {
				copied.known += 1;
				continue;
			}
			if (state === 'begun') await dropPartition(target.shard(unit.shard), unit);
			else await notes.begin(unit);
			const rows = await copyUnit(table, unit, options);
			await options.beforeDone?.(unit);
			await notes.finish(unit, rows);
			copied.rows += rows;
		}
		onTable(copied);
	}
}

/** Partitions are dropped where a copy was cut off, and nothing else may lie in them. */
async function checkTarget(source: ClickHouse, target: ClickHouse): Promise<void> {
	const known = new Set((await source.rows<{ writer: string }>(WRITERS, {})).map(({ writer }) => writer));
	const found = await target.rows<{ writer: string }>(WRITERS, {});
	if (found.every(({ writer }) => known.has(writer))) return;
	throw new StoreOpenError(
		'TARGET_IN_USE',
		`database ${target.database} has spans that another Spanhouse stored; copy into an empty database, CLICKHOUSE_DATABASE`,
	);
}

async function unitsOf(table: string, source: ClickHouse, target: ClickHouse): Promise<CopyUnit[]> {
	const partitions = await source.rows<{ id: string }>(PARTITIONS, { table });
	return partitions.flatMap(({ id }) => target.shards.map((_, shard) => ({ table, partitionId: id, shard })));
}

/** How many rows the unit has. */
async function copyUnit(table: Table, unit: CopyUnit, { source, target }: CopyOptions): Promise<number> {
	const columns = (await source.rows<{ name: string }>(COLUMNS, { table: table.name })).map(({ name }) => name);
	const place = copyPlace(table.name, target.weights);
	const where = `_partition_id = {partitionId:String} AND ${place} = {shard:UInt16}`;
	const parameters = { partitionId: unit.partitionId, shard: unit.shard };
	const list = columns.map((name) => `\`${name}\``).join(', ');
	const stream = await source.stream(`SELECT ${list} FROM ${table.name} WHERE ${where}`, parameters, reading);
	const server = target.shard(unit.shard);
	await server.insert(`${table.name} (${list})`, 'Native', stream);
	const final = /^(?:Replacing|Aggregating)/.test(table.engine) ? ' FINAL' : '';
	const count = async (from: ClickHouse, and: string): Promise<number> => {
		const sql = `SELECT count() AS n FROM ${table.name}${final} WHERE _partition_id = {partitionId:String} AND ${and}`;
		const [row] = await from.rows<{ n: number }>(sql, parameters, undefined, counting);
		return row?.n ?? 0;
	};
	const [there, here] = [await count(server, '1'), await count(source, `${place} = {shard:UInt16}`)];
	if (there === here) return here;
	throw new Error(`partition ${unit.partitionId} of ${table.name} has ${here} rows, and ${there} of them were stored`);
}

async function dropPartition(server: ClickHouse, { table, partitionId }: CopyUnit): Promise<void> {
	if (!/^\w+$/.test(partitionId)) throw new Error(`${JSON.stringify(partitionId)} is not the id of a partition`);
	await server.command(`ALTER TABLE \`${server.database}\`.${table} DROP PARTITION ID '${partitionId}'`);
}
