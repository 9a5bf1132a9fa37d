import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import type { Commit, StoredRange, StoredUnit } from './commit-log.ts';
import type { DerivedTable, Unit } from './derived-table.ts';

const NOTED = `
	SELECT derived, max(commit) AS commit FROM derived_progress WHERE writer = {writer:UUID} GROUP BY derived`;

/** Up to which commit each derived table was made when that was last noted; a table that isn't there begins at 0. */
export async function readProgress(clickhouse: ClickHouse, writer: string): Promise<Map<string, number>> {
	const rows = await clickhouse.home.rows<{ derived: string; commit: number }>(NOTED, { writer });
	return new Map(rows.map(({ derived, commit }) => [derived, commit]));
}

export async function noteProgress(
	clickhouse: ClickHouse,
	writer: string,
	progress: ReadonlyMap<string, number>,
): Promise<void> {
	const lines = [...progress].map(([derived, commit]) => JSON.stringify({ writer, derived, commit }));
	const chunk = Buffer.from(lines.join('\n'));
	await clickhouse.home.insert('derived_progress (writer, derived, commit)', 'JSONEachRow', [chunk]);
}

const LAST = `
	SELECT max(_commit) AS last FROM spans WHERE _writer = {writer:UUID} AND _commit > {after:UInt64}`;

/** The last commit of the writer that is stored, or `after` when none is after it. */
export async function lastCommit(clickhouse: ClickHouse, writer: string, after: number): Promise<number> {
	const rows = await clickhouse.everywhere<{ last: number }>(LAST, { writer, after });
	return Math.max(after, ...rows.map(({ last }) => last));
}

const STORED = `
	SELECT _commit AS number, project, toInt32(toDate(time, 'UTC')) AS day, count() AS spans,
		toUnixTimestamp64Milli(max(time)) AS latestMs
	FROM spans WHERE _writer = {writer:UUID} AND _commit > {after:UInt64} AND _commit <= {upTo:UInt64}
	GROUP BY number, project, day ORDER BY number LIMIT {limit:UInt32}`;

/** Commits after the first up to the last, in order, no more than `limit` of them. A commit is one unit. */
export async function storedCommits(
	clickhouse: ClickHouse,
	range: { writer: string; after: number; upTo: number },
	limit: number,
): Promise<(StoredCommit & { shard: number })[]> {
	const commits = await ofEachShard<StoredCommit>(clickhouse, STORED, { ...range, limit });
	return commits.sort((a, b) => a.number - b.number).slice(0, limit);
}

type StoredCommit = Pick<Commit, 'number' | 'project' | 'day' | 'spans' | 'latestMs'>;

/** The rows of all shards, each with the place of its shard. */
async function ofEachShard<Row>(
	{ shards }: ClickHouse,
	sql: string,
	parameters: Parameters,
): Promise<(Row & { shard: number })[]> {
	const rows = await Promise.all(
		shards.map(async (server, shard) => {
			const found = await server.rows<Row>(sql, parameters);
			return found.map((row) => ({ ...row, shard }));
		}),
	);
	return rows.flat();
}

const COUNT = `
	SELECT count() AS spans FROM spans
	WHERE project = {project:String} AND _writer = {writer:UUID} AND _commit = {commit:UInt64}`;

/** Whether an insert whose answer got lost is stored. It must have ended. */
export async function isStored(clickhouse: ClickHouse, writer: string, commit: Commit): Promise<boolean> {
	const parameters = { writer, project: commit.project, commit: commit.number };
	const [row] = await clickhouse.shard(commit.shard ?? 0).rows<{ spans: number }>(COUNT, parameters);
	return (row?.spans ?? 0) > 0;
}

const MADE = (table: string) => `
	SELECT project, toInt32(_day) AS day, max(_commit) AS upTo FROM ${table}
	WHERE _writer = {writer:UUID} AND _commit > {after:UInt64} AND _commit <= {upTo:UInt64}
	GROUP BY project, day`;
const lastOfAll = '18446744073709551615';

/** What a derived table says of itself: units with rows of commits after the one given, to another or the last, and up to which. */
export function madeUnits(
	clickhouse: ClickHouse,
	{ name }: DerivedTable,
	{ writer, after, upTo = lastOfAll }: { writer: string; after: number; upTo?: number | string },
): Promise<(Unit & { upTo: number })[]> {
	return ofEachShard(clickhouse, MADE(name), { writer, after, upTo });
}

/**
 * The units that a range of a table is made for. What a row of another table accounts for begins before a range that ends within it:
 * whoever has such a row is asked for it, not whoever has a commit in the range.
 */
export async function unitsOf(
	clickhouse: ClickHouse,
	{ from }: DerivedTable,
	begin: { writer: string; after: number },
	{ upTo, units }: StoredRange,
): Promise<StoredUnit[]> {
	if (from === undefined) return units;
	const found = await madeUnits(clickhouse, from, { ...begin, upTo });
	return found.map((unit) => ({ ...unit, commits: [] }));
}

const LATEST = (table: string) => `
	SELECT toUnixTimestamp64Milli(max(last_time)) AS latestMs FROM ${table}
	WHERE _writer = {writer:UUID} AND _day >= toDate(fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC'))`;

/** When the last span ended that a table accounts for, if that was on the day of `sinceMs` or later; 0 otherwise. */
export async function latestDerived(
	clickhouse: ClickHouse,
	{ name }: DerivedTable,
	parameters: { writer: string; sinceMs: number },
): Promise<number> {
	const found = await ofEachShard<{ latestMs: number }>(clickhouse, LATEST(name), parameters);
	return Math.max(0, ...found.map(({ latestMs }) => latestMs));
}

const LATEST_OF_OTHERS = `
	SELECT toUnixTimestamp64Milli(max(time)) AS latestMs FROM spans
	WHERE _writer != {writer:UUID} AND time >= fromUnixTimestamp64Milli({sinceMs:Int64}, 'UTC')`;

/** When the last span ended that another collector inserted, if that was at `sinceMs` or later; 0 otherwise. */
export async function latestOfOthers(
	clickhouse: ClickHouse,
	parameters: { writer: string; sinceMs: number },
): Promise<number> {
	const found = await ofEachShard<{ latestMs: number }>(clickhouse, LATEST_OF_OTHERS, parameters);
	return Math.max(0, ...found.map(({ latestMs }) => latestMs));
}

/** The index on `_writer` passes over our own, so that this costs little of a table that holds nothing else. */
const LATEST_ROW_OF_OTHERS = (table: string) => `
	SELECT toUnixTimestamp64Milli(max(last_time)) AS latestMs FROM ${table} WHERE _writer != {writer:UUID}`;

/** No row of another collector accounts for a span that ended then or later; Infinity for tables that don't tell. */
export async function endOfOthersRows(clickhouse: ClickHouse, table: DerivedTable, writer: string): Promise<number> {
	if (table.hasLastTime !== true) return Infinity;
	const found = await ofEachShard<{ latestMs: number }>(clickhouse, LATEST_ROW_OF_OTHERS(table.name), { writer });
	return Math.max(0, ...found.map(({ latestMs }) => latestMs + 1));
}
