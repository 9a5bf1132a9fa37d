import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import type { ClickHouse } from './engine/clickhouse.ts';
import { DERIVED_TABLES } from './derived/derived-tables.ts';
import { QueryError } from './engine/store-error.ts';

const daySeconds = 86_400;
/** Fifty years. ClickHouse's DateTime ends in 2106, and a time to live that wraps around would drop everything at once. */
const longestSeconds = 50 * 365 * daySeconds;

/** How long spans and their logs, and what is derived from them, are kept. */
export interface Retention {
	spansMs: number;
	derivedMs: number;
}

/** Tables, when a row's time to live begins, and how much longer than spans it lives: a day is over when it ends. */
const spanTables: readonly [table: string, from: string, extraSeconds: number][] = [
	['spans', 'toDateTime(time)', 0],
	['logs', 'toDateTime(time)', 0],
	['resources', 'toDateTime(day)', daySeconds],
	['scopes', 'toDateTime(day)', daySeconds],
	// Of no use without spans.
	['slowest_traces', 'bucket', daySeconds],
];

/** The longest window of an objective, and some days: its events are kept for it, however short other counts live. */
const objectiveSeconds = 100 * daySeconds;

/** What alerts measured and did. */
const alertTables: readonly [table: string, from: string][] = [
	['alert_evaluations', 'time'],
	['alert_events', 'toDateTime(time)'],
];

/** Made of whole buckets of spans: see buckets/bucket-deriver.ts. */
const bucketTables: readonly string[] = ['service_edges', 'query_repeats'];

const TABLES = `
	SELECT name, create_table_query AS ddl FROM system.tables
	WHERE database = {database:String} AND name IN {names:Array(String)}`;

const inSeconds = (ms: number): number => Math.min(Math.max(1, Math.round(ms / 1_000)), longestSeconds);

interface TimeToLive {
	table: string;
	/** SQL of when it begins. */
	from: string;
	seconds: number;
}

/** Every table that drops what is old. */
export function timesToLive({ spansMs, derivedMs }: Retention): TimeToLive[] {
	const clause = (table: string, from: string, seconds: number): TimeToLive => ({ table, from, seconds });
	return [
		...spanTables.map(([table, from, extra]) => clause(table, from, inSeconds(spansMs) + extra)),
		...bucketTables.map((table) => clause(table, 'bucket', inSeconds(derivedMs) + daySeconds)),
		...alertTables.map(([table, from]) => clause(table, from, inSeconds(derivedMs))),
		clause('objective_minutes', 'minute', Math.max(inSeconds(derivedMs), objectiveSeconds)),
		clause('changes', 'toDateTime(time)', inSeconds(derivedMs)),
		...DERIVED_TABLES.map(({ name }) => clause(name, 'toDateTime(_day)', inSeconds(derivedMs) + daySeconds)),
		clause('performance_findings', 'toDateTime(day)', inSeconds(derivedMs) + daySeconds),
		// What an exception is called lives longer than the last of them: it is written anew as long as they come.
		clause('exception_variants', 'assigned', Math.min(2 * inSeconds(derivedMs), longestSeconds)),
	];
}

/**
 * Sets the TTL of the tables where it is another than wanted, and asks the tables afterwards. Rows that come from then on
 * have it; parts that are there already are told in the background, which takes a second or two per million spans.
 */
export async function applyRetention(clickhouse: ClickHouse, retention: Retention, log: Log): Promise<void> {
	const wanted = timesToLive(retention).map(({ table, from, seconds }) => ({
		table,
		ttl: `TTL ${from} + toIntervalSecond(${seconds})`,
	}));
	const changed = new Set<string>();
	for (const shard of clickhouse.shards)
		for (const table of await tryAgain(() => applyTtl(shard, wanted))) changed.add(table);
	if (changed.size > 0) log.info({ ...retention, tables: [...changed] }, 'retention set');
}

/** CANNOT_ASSIGN_ALTER: another collector alters the same table at this moment, as they do who start together. */
const alteredMeanwhile = '517';
const mostTries = 20;
const pauseMs = 250;

/** Until what is altered elsewhere has come to this replica. */
async function tryAgain<Result>(alter: () => Promise<Result>): Promise<Result> {
	for (let tries = 1; ; tries += 1) {
		try {
			return await alter();
		} catch (error) {
			const isPassing = error instanceof QueryError && error.engineCode === alteredMeanwhile;
			if (!isPassing || tries === mostTries) throw error;
			await sleep(pauseMs);
		}
	}
}

interface WantedTtl {
	table: string;
	ttl: string;
}

/** Returns the tables that had another. */
async function applyTtl(clickhouse: ClickHouse, wanted: readonly WantedTtl[]): Promise<string[]> {
	const names = wanted.map(({ table }) => table);
	const before = await ttlClauses(clickhouse, names);
	const others = wanted.filter(({ table, ttl }) => before.get(table) !== ttl);
	await Promise.all(others.map(({ table, ttl }) => modifyTtl(clickhouse, table, ttl)));
	const after = await ttlClauses(clickhouse, names);
	for (const { table, ttl } of wanted) {
		if (after.get(table) !== ttl) throw new Error(`${table} has ${after.get(table) || 'no TTL'}, not ${ttl}`);
	}
	return others.map(({ table }) => table);
}

/**
 * ALTER … MODIFY TTL by itself waits until every part is told, whatever `mutations_sync` says; without that, a stop between
 * it and the mutation would leave parts that go by the old time for good. So the table says what it does: a TTL that lasts
 * nothing longer, and isn't the wanted one, stands until the mutation is on disk.
 */
async function modifyTtl(clickhouse: ClickHouse, table: string, ttl: string): Promise<void> {
	const alter = (change: string): Promise<void> =>
		clickhouse.command(`ALTER TABLE \`${clickhouse.database}\`.${table} ${change}`, {
			materialize_ttl_after_modify: 0,
		});
	await alter(`MODIFY ${underWay(ttl)}`);
	await alter('MATERIALIZE TTL');
	await alter(`MODIFY ${ttl}`);
}

/** The same time to live in other words. */
export const underWay = (ttl: string): string => `${ttl} + toIntervalSecond(0)`;

async function ttlClauses(clickhouse: ClickHouse, names: string[]): Promise<Map<string, string>> {
	const rows = await clickhouse.rows<{ name: string; ddl: string }>(TABLES, { database: clickhouse.database, names });
	return new Map(rows.map(({ name, ddl }) => [name, /TTL .*?(?= SETTINGS|$)/s.exec(ddl)?.[0].trim() ?? '']));
}
