import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLog } from '../../log.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import { BucketDeriver } from './bucket-deriver.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('it looks every twenty seconds while nobody watches, at once when somebody does, and every five seconds then', async () => {
	let looked = 0;
	const rows = () => ((looked += 1), Promise.resolve([]));
	const clickhouse = { rows } as unknown as ClickHouse;
	const buckets = new BucketDeriver({ clickhouse, derivations: [], log: silentLog, clock: Date.now });
	const lookedIn = async (ms: number) => {
		const before = looked;
		await vi.advanceTimersByTimeAsync(ms);
		return looked - before;
	};
	buckets.start();
	expect(looked).toBe(1);
	expect(await lookedIn(19_000)).toBe(0);
	expect(await lookedIn(40_000)).toBe(2);
	await lookedIn(10_000);
	buckets.pending('service_edges', 'default', { fromMs: 0, toMs: 1 });
	expect(await lookedIn(0)).toBe(1);
	expect(await lookedIn(50_000)).toBe(10);
	buckets.pending('service_edges', 'default', { fromMs: 0, toMs: 1 });
	expect(await lookedIn(50_000)).toBe(10);
	await lookedIn(20_000);
	expect(await lookedIn(60_000)).toBe(3);
	const closed = buckets.close();
	await lookedIn(0);
	await closed;
	expect(await lookedIn(60_000)).toBe(0);
});
