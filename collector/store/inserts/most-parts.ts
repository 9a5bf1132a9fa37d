import type { ClickHouse } from '../engine/clickhouse.ts';

/**
 * Of partitions in which parts have come lately, by inserts or merges: one that is never merged again, because its parts are as
 * large as parts become, would stop inserts for good that go elsewhere.
 */
const MOST_PARTS = `
	SELECT max(parts) AS parts FROM (
		SELECT count() AS parts FROM system.parts
		WHERE database = currentDatabase() AND table = {table:String} AND active
		GROUP BY partition_id HAVING max(modification_time) > now() - INTERVAL 10 MINUTE)`;

/** Active parts in that partition of the table which has most of them, on whichever shard that is. */
export async function mostParts(clickhouse: ClickHouse, table: 'spans' | 'logs'): Promise<number> {
	const shards = await clickhouse.everywhere<{ parts: number }>(MOST_PARTS, { table });
	return shards.reduce((most, { parts }) => Math.max(most, parts), 0);
}
