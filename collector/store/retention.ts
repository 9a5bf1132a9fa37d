import type { Log } from '../log.ts';
import type { ClickHouse } from './clickhouse.ts';

const daySeconds = 86_400;
/** Fifty years. ClickHouse's DateTime ends in 2106, and a time to live that wraps around would drop everything at once. */
const longestSeconds = 50 * 365 * daySeconds;

/** Tables, when a row's time to live begins, and how much longer than spans it lives: a day is over when it ends. */
const tables: readonly [table: string, from: string, extraSeconds: number][] = [
	['spans', 'toDateTime(time)', 0],
	['resources', 'toDateTime(day)', daySeconds],
	['scopes', 'toDateTime(day)', daySeconds],
];

const TABLES = `
	SELECT name, create_table_query AS ddl FROM system.tables
	WHERE database = {database:String} AND name IN {names:Array(String)}`;

/** Sets the TTL of the tables where it is another than wanted, and asks the tables afterwards. */
export async function applyRetention(clickhouse: ClickHouse, retentionMs: number, log: Log): Promise<void> {
	const seconds = Math.min(Math.max(1, Math.round(retentionMs / 1_000)), longestSeconds);
	const wanted = tables.map(([table, from, extra]) => ({
		table,
		ttl: `TTL ${from} + toIntervalSecond(${seconds + extra})`,
	}));
	const before = await ttlClauses(clickhouse);
	for (const { table, ttl } of wanted) {
		if (before.get(table) === ttl) continue;
		await clickhouse.command(`ALTER TABLE \`${clickhouse.database}\`.${table} MODIFY ${ttl}`);
		log.info({ table, seconds }, 'retention set');
	}
	const after = await ttlClauses(clickhouse);
	for (const { table, ttl } of wanted) {
		if (after.get(table) !== ttl) throw new Error(`${table} has ${after.get(table) || 'no TTL'}, not ${ttl}`);
	}
}

async function ttlClauses(clickhouse: ClickHouse): Promise<Map<string, string>> {
	const names = tables.map(([table]) => table);
	const rows = await clickhouse.rows<{ name: string; ddl: string }>(TABLES, { database: clickhouse.database, names });
	return new Map(rows.map(({ name, ddl }) => [name, /TTL .*?(?= SETTINGS|$)/s.exec(ddl)?.[0].trim() ?? '']));
}
