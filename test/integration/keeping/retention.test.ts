import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { QueryError } from '../../../collector/store/engine/store-error.ts';
import { createStorageReader } from '../../../collector/store/keeping/storage-reader.ts';
import { applyRetention, underWay } from '../../../collector/store/retention.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { timeMs } from '../store/oracle.ts';
import { openKeepingStore } from './keeping-store.ts';

const dayMs = 86_400_000;
const nowMs = Date.now();
const spans = randomSpans({ seed: 72, count: 300, endMs: nowMs, withinMs: dayMs, traceSpans: 8 });
const oldestMs = Math.min(...spans.map(timeMs));
const newestMs = Math.max(...spans.map(timeMs));
const days = (count: number) => ({ spansMs: count * dayMs, derivedMs: 90 * dayMs });

let store: Awaited<ReturnType<typeof openKeepingStore>>;
beforeAll(async () => {
	store = await openKeepingStore();
	await applyRetention(store.clickhouse, days(7), silentLog);
	await store.write(spans);
});
afterAll(() => store.close());

/** After which days, of the newest span, the last part goes: by what the parts know. */
async function lastGoesAfterDays(): Promise<number> {
	const [row] = await store.clickhouse.rows<{ lastMs: number }>(
		`SELECT toUnixTimestamp(max(delete_ttl_info_max)) * 1000 AS lastMs FROM system.parts
		WHERE database = currentDatabase() AND table = 'spans' AND active`,
		{},
	);
	return (Number(row?.lastMs) - Math.floor(newestMs / 1_000) * 1_000) / dayMs;
}

const spansTable = async () =>
	(await createStorageReader(store.clickhouse).tables()).find(({ table }) => table === 'spans');

test('what is stored is told of another retention in the background, and its age is known meanwhile', async () => {
	expect(await lastGoesAfterDays()).toBe(7);
	await store.clickhouse.command('SYSTEM STOP MERGES spanhouse.spans');
	await applyRetention(store.clickhouse, days(9), silentLog);
	expect(await lastGoesAfterDays()).toBe(7);
	expect(await spansTable()).toMatchObject({ keptMs: 9 * dayMs, oldestMs: Math.floor(oldestMs / 1_000) * 1_000 });
	await store.clickhouse.command('SYSTEM START MERGES spanhouse.spans');
	await expect.poll(lastGoesAfterDays, { timeout: 20_000 }).toBe(9);
});

test('a stop before what is stored was told of it is made up for', async () => {
	const ttl = `TTL toDateTime(time) + toIntervalSecond(${(11 * dayMs) / 1_000})`;
	await store.clickhouse.command(`ALTER TABLE spanhouse.spans MODIFY ${underWay(ttl)}`, {
		materialize_ttl_after_modify: 0,
	});
	expect(await spansTable()).toMatchObject({ keptMs: 11 * dayMs });
	await applyRetention(store.clickhouse, days(11), silentLog);
	await expect.poll(lastGoesAfterDays, { timeout: 20_000 }).toBe(11);
});

test('several collectors that set it at once all succeed, and what ClickHouse refuses meanwhile is tried again', async () => {
	const alter = vi.spyOn(ClickHouse.prototype, 'command');
	alter.mockRejectedValueOnce(new QueryError(500, 'QUERY_FAILED', 'altered meanwhile', 'q', '517'));
	await Promise.all([1, 2, 3].map(() => applyRetention(store.clickhouse, days(13), silentLog)));
	expect(await spansTable()).toMatchObject({ keptMs: 13 * dayMs });
	await expect.poll(lastGoesAfterDays, { timeout: 20_000 }).toBe(13);
	alter.mockRejectedValueOnce(new QueryError(500, 'QUERY_FAILED', 'no space', 'q', '243'));
	await expect(applyRetention(store.clickhouse, days(14), silentLog)).rejects.toThrow('no space');
	alter.mockRestore();
});
