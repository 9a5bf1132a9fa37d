import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from './clickhouse.ts';
import { QueryError } from './store-error.ts';

/** How long a query that was given up may take to end. */
const fenceTimeoutMs = 30_000;
const fencePollMs = 100;

/**
 * Resolves when no query runs whose id begins so, ending those that do: an insert whose answer got lost may still land, and
 * only then can be said what is stored. `start` consists of letters, digits and dashes.
 */
export async function endQueries(clickhouse: ClickHouse, start: string): Promise<void> {
	const running = `startsWith(query_id, '${harmless(start)}') AND query_id != queryID()`;
	for (const shard of clickhouse.shards) await endThose(shard, running, start);
}

/** The same on one server, of inserts with a mark that begins so: letters, digits, dashes and blanks. */
export const endMarked = (server: ClickHouse, start: string): Promise<void> =>
	endThose(server, `startsWith(Settings['log_comment'], '${harmless(start)}')`, start);

async function endThose(server: ClickHouse, running: string, name: string): Promise<void> {
	const deadlineMs = performance.now() + fenceTimeoutMs;
	for (let isFirst = true; ; isFirst = false) {
		const [row] = await server.rows<{ count: number }>(
			`SELECT count() AS count FROM system.processes WHERE ${running}`,
			{},
		);
		if ((row?.count ?? 0) === 0) return;
		if (isFirst) await server.command(`KILL QUERY WHERE ${running} ASYNC`);
		if (performance.now() > deadlineMs) {
			throw new QueryError(503, 'STORE_BUSY', `a query of ${name} still runs after ${fenceTimeoutMs} ms`);
		}
		await sleep(fencePollMs);
	}
}

/** KILL takes no parameters. */
function harmless(name: string): string {
	if (/^[\w -]+$/.test(name)) return name;
	throw new Error(`${JSON.stringify(name)} names no query of ours`);
}
