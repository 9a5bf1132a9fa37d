import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from './clickhouse.ts';
import { QueryError } from './store-error.ts';

/** How long a query that was given up may take to end. */
const fenceTimeoutMs = 30_000;
const fencePollMs = 100;

const COUNT_RUNNING = `
	SELECT count() AS running FROM system.processes
	WHERE startsWith(query_id, {start:String}) AND query_id != queryID()`;

/**
 * Resolves when no query runs whose id begins so, ending those that do: an insert whose answer got lost may still land, and
 * only then can be said what is stored. `start` consists of letters, digits and dashes.
 */
export async function endQueries(clickhouse: ClickHouse, start: string): Promise<void> {
	if (!/^[\w-]+$/.test(start)) throw new Error(`${start} is not the beginning of an id of ours`);
	for (const shard of clickhouse.shards) await endQueriesOf(shard, start);
}

async function endQueriesOf(clickhouse: ClickHouse, start: string): Promise<void> {
	const deadlineMs = performance.now() + fenceTimeoutMs;
	for (let isFirst = true; ; isFirst = false) {
		const [row] = await clickhouse.rows<{ running: number }>(COUNT_RUNNING, { start });
		if ((row?.running ?? 0) === 0) return;
		if (isFirst) await clickhouse.command(`KILL QUERY WHERE startsWith(query_id, '${start}') ASYNC`);
		if (performance.now() > deadlineMs) {
			throw new QueryError(503, 'STORE_BUSY', `a query ${start}… still runs after ${fenceTimeoutMs} ms`);
		}
		await sleep(fencePollMs);
	}
}
