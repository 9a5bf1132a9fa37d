import type { ClickHouse } from './clickhouse.ts';
import { QueryError } from './store-error.ts';

const COUNT_RUNNING = `SELECT count() AS running FROM system.processes WHERE Settings['log_comment'] = {mark:String}`;

/** How long an insert that was given up may take to end. */
const timeoutMs = 30_000;
const pollMs = 100;

/**
 * Resolves when no insert with this `log_comment` runs: one whose answer got lost may still land, and has to end, one way
 * or the other, before anybody asks what it left. `mark` is made here, of letters, digits, spaces and hyphens alone.
 */
export async function untilInsertsEnd(clickhouse: ClickHouse, mark: string): Promise<void> {
	const deadlineMs = performance.now() + timeoutMs;
	for (let isFirst = true; ; isFirst = false) {
		const [row] = await clickhouse.rows<{ running: number }>(COUNT_RUNNING, { mark });
		if ((row?.running ?? 0) === 0) return;
		if (isFirst) await clickhouse.command(`KILL QUERY WHERE Settings['log_comment'] = '${mark}' ASYNC`);
		if (performance.now() > deadlineMs) {
			throw new QueryError(503, 'STORE_BUSY', `an insert of ${mark} still runs after ${timeoutMs} ms`);
		}
		await new Promise((resolve) => setTimeout(resolve, pollMs));
	}
}
