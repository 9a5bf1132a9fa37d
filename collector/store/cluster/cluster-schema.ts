import type { ClickHouse } from '../engine/clickhouse.ts';
import { DERIVED_TABLES } from '../derived/derived-tables.ts';

/** What belongs to a trace lies with it. */
const BY_TRACE = 'cityHash64(trace_id)';

/**
 * How rows are spread that are inserted through `Distributed` tables, and where reads may leave shards out. Tables that stand
 * here nowhere lie on the first shard: what is decided, and what alerts found.
 */
const SHARDING_KEYS: Readonly<Record<string, string>> = {
	spans: BY_TRACE,
	logs: BY_TRACE,
	pinned_spans: BY_TRACE,
	pinned_logs: BY_TRACE,
	exceptions: BY_TRACE,
	performance_findings: BY_TRACE,
	deletions: BY_TRACE,
	// All rows of a bucket in one place: they hold by their version.
	service_edges: 'cityHash64(project, bucket)',
	query_repeats: 'cityHash64(project, bucket)',
	slowest_traces: 'cityHash64(project, bucket)',
	exception_variants: 'cityHash64(project, variant)',
	objective_minutes: 'cityHash64(project, objective)',
	changes: 'cityHash64(project, id)',
};

/** Named by spans: each shard has what its spans name. */
const NAMED_BY_SPANS: readonly string[] = ['resources', 'scopes', 'pinned_resources', 'pinned_scopes'];

/** Counted from spans: each shard counts its own. */
const COUNTED: readonly string[] = DERIVED_TABLES.map(({ name }) => name).filter((name) => !(name in SHARDING_KEYS));

/** Without a key, nothing can be inserted through a `Distributed` table, only into the tables of each shard. */
const WITH_THEIR_SPANS: ReadonlySet<string> = new Set([...NAMED_BY_SPANS, ...COUNTED]);

/** Of each server by itself. */
const OF_ONE_SERVER: ReadonlySet<string> = new Set(['schema_migrations', 'shard_layouts', 'copied_data']);

const TABLES = `
	SELECT name FROM system.tables WHERE database = {database:String} AND NOT startsWith(name, '.') ORDER BY name`;

const COMMENTS = 'SELECT name, comment FROM system.tables WHERE database = {database:String}';

const home = '0';

/** SQL of the last argument of `Distributed`, with the comma before it. */
function keyOf(table: string): string {
	if (WITH_THEIR_SPANS.has(table)) return '';
	return `, ${SHARDING_KEYS[table] ?? home}`;
}

/**
 * SQL of the place of the shard, from 0, to which a row of another store belongs. Where every shard needs it, that is the one
 * that asks, bound as `shard`.
 */
export function copyPlace(table: string, weights: readonly number[]): string {
	if (weights.length === 1) return '0';
	if (NAMED_BY_SPANS.includes(table)) return '{shard:UInt16}';
	const key = COUNTED.includes(table) ? 'cityHash64(*)' : (SHARDING_KEYS[table] ?? home);
	const shares = weights.flatMap((weight, place) => Array.from({ length: weight }, () => place));
	return `arrayElement([${shares.join(', ')}], ${key} % ${shares.length} + 1)`;
}

/**
 * Makes on one server the `Distributed` tables over the local ones of all: of the same names, in a database of their own, so
 * that the same SQL reads one server or all. They hold no rows, so they are made anew whenever something of them changed.
 * `version` of the schema; `cluster`, `database` and `localDatabase` have been checked to be identifiers.
 */
export async function makeDistributedTables(
	server: ClickHouse,
	{ cluster, database, version }: { cluster: string; database: string; version: number },
): Promise<void> {
	const local = server.database;
	await server.command(`CREATE DATABASE IF NOT EXISTS \`${database}\``);
	const tables = await server.rows<{ name: string }>(TABLES, { database: local });
	const made = await server.rows<{ name: string; comment: string }>(COMMENTS, { database });
	const comments = new Map(made.map(({ name, comment }) => [name, comment]));
	for (const { name } of tables) {
		if (OF_ONE_SERVER.has(name)) continue;
		const engine = `Distributed('${cluster}', '${local}', '${name}'${keyOf(name)})`;
		const comment = `schema ${version}, ${engine.replaceAll("'", '')}`;
		if (comments.get(name) === comment) continue;
		await server.command(
			`CREATE OR REPLACE TABLE \`${database}\`.${name} AS \`${local}\`.${name} ENGINE = ${engine} COMMENT '${comment}'`,
		);
	}
}
