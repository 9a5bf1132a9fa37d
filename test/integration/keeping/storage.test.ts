import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DiskLimit } from '../../../collector/keeping/disk-limit.ts';
import { Storage } from '../../../collector/keeping/storage.ts';
import { silentLog } from '../../../collector/log.ts';
import { createStorageReader } from '../../../collector/store/keeping/storage-reader.ts';
import { applyRetention } from '../../../collector/store/retention.ts';
import { createStatusReader } from '../../../collector/store/status-reader.ts';
import { PROMOTED_ATTRIBUTES } from '../../../schema/promoted-attributes.ts';
import { randomSpans } from '../../support/random-spans.ts';
import { taggedValue } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { timeMs } from '../store/oracle.ts';
import { openKeepingStore } from './keeping-store.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
// Times to live go by the real clock.
const nowMs = Date.now();
const spans = randomSpans({ seed: 71, count: 900, endMs: nowMs, withinMs: 4 * dayMs, traceSpans: 8 });
const retention = { spansMs: 7 * dayMs, derivedMs: 90 * dayMs };
const scope = { project: 'default' };

let store: Awaited<ReturnType<typeof openKeepingStore>>;
let storage: Storage;
beforeAll(async () => {
	store = await openKeepingStore();
	await applyRetention(store.clickhouse, retention, silentLog);
	await store.write(spans);
	await store.deriver.settle(20_000);
	storage = new Storage({
		reader: createStorageReader(store.clickhouse),
		partitions: store.partitions,
		status: createStatusReader(store.clickhouse),
		disk: undefined,
		retention: () => retention,
		clock: Date.now,
	});
	for (const table of ['spans', 'red_minutes', 'red_hours', 'attribute_values'])
		await store.clickhouse.command(`OPTIMIZE TABLE spanhouse.${table} FINAL`);
});
afterAll(() => store.close());

/** Tables that keep what they have, and why. */
const KEPT: Readonly<Record<string, string>> = {
	schema_migrations: 'one row a migration',
	derived_progress: 'one row a derived table and collector',
	alert_states: 'one row a rule and group',
	state: 'what people decided, and their audit',
	pinned_spans: 'until somebody unpins',
	pinned_logs: 'until somebody unpins',
	pinned_resources: 'until somebody unpins',
	pinned_scopes: 'until somebody unpins',
	shard_layouts: 'a row each time that shards are added or weighed anew',
	copied_data: 'a few rows a partition that was copied from another store',
};

test('every table drops what is old, or is known to keep it', async () => {
	const { tables, disk } = await storage.describe(scope);
	expect(disk).toBeNull();
	const keeping = tables.filter(({ keptMs }) => keptMs === null).map(({ table }) => table);
	expect(keeping.filter((table) => KEPT[table] === undefined)).toEqual([]);
	expect(tables.find(({ table }) => table === 'spans')).toMatchObject({ rows: spans.length, keptMs: 7 * dayMs });
	const oldest = Math.min(...spans.map(timeMs));
	expect(tables.find(({ table }) => table === 'spans')!.oldestMs).toBe(Math.floor(oldest / 1_000) * 1_000);
});

test('bytes of services and attributes are their shares of what the spans say, counted by hand', async () => {
	const { services, attributes, sample } = await storage.describe(scope);
	const newestMs = Math.max(...spans.map(timeMs));
	const recent = spans.filter((span) => timeMs(span) >= newestMs - dayMs);
	expect(sample).toMatchObject({ spans: recent.length, of: recent.length });
	const total = recent.reduce((sum, span) => sum + bytesOf(span), 0);
	const byService = Map.groupBy(recent, ({ resource }) => `${resource?.namespace ?? ''}/${resource?.service ?? ''}`);
	expect(services).toHaveLength(byService.size);
	for (const { namespace, service, spans: count, ratio } of services) {
		const members = byService.get(`${namespace}/${service}`)!;
		expect(count).toBe(members.length);
		expect(ratio).toBeCloseTo(members.reduce((sum, span) => sum + bytesOf(span), 0) / total, 9);
	}
	const pairs = recent.flatMap((span) => pairsOf(span));
	const byKey = Map.groupBy(pairs, ([where, key]) => `${where} ${key}`);
	expect(attributes.length).toBe(Math.min(50, byKey.size));
	for (const { scope: where, key, spans: count, ratio } of attributes) {
		const members = byKey.get(`${where} ${key}`)!;
		expect([key, count]).toEqual([key, members.length]);
		expect(ratio).toBeCloseTo(members.reduce((sum, [, , bytes]) => sum + bytes, 0) / total, 9);
	}
	const shown = Math.min(...attributes.map(({ ratio }) => ratio));
	const sizes = [...byKey.values()].map((of) => of.reduce((sum, [, , bytes]) => sum + bytes, 0) / total);
	expect(sizes.filter((size) => size > shown + 1e-9).length).toBeLessThanOrEqual(attributes.length);
});

test('how far spans will reach is measured at times, and known without asking', async () => {
	let clockMs = nowMs;
	const state = { maxBytes: 1e12, usedBytes: { store: 0, pinned: 0, spool: 0, quarantine: 0 } };
	const disk = { state: () => state } as unknown as DiskLimit;
	let asked = 0;
	const stretches = () => {
		asked += 1;
		return store.partitions.stretches();
	};
	const measured = new Storage({
		reader: createStorageReader(store.clickhouse),
		partitions: { stretches },
		status: createStatusReader(store.clickhouse),
		disk,
		retention: () => retention,
		clock: () => clockMs,
	});
	await measured.measureReach();
	// Before the limit has measured, nothing is known.
	expect([measured.expectedReach(), asked]).toEqual([undefined, 0]);
	state.usedBytes.store = (await store.partitions.bytesOnDisk()).store;
	await measured.measureReach();
	await measured.measureReach();
	expect([measured.expectedReach(), asked]).toEqual([{ expectedReachMs: 7 * dayMs, limitedBy: 'retention' }, 1]);
	clockMs += 60_000;
	state.maxBytes = state.usedBytes.store;
	await measured.measureReach();
	const { limitedBy, expectedReachMs } = (await measured.describe(scope)).retention;
	expect(measured.expectedReach()).toEqual({ limitedBy, expectedReachMs });
	expect(limitedBy).toBe('disk');
	expect(expectedReachMs).toBeLessThan(7 * dayMs);
});

test('what a shorter retention drops is told before, and is what it drops', async () => {
	const wanted = { ...retention, spansMs: 2 * dayMs };
	const told = await storage.predict({ spansMs: wanted.spansMs });
	expect(told).toMatchObject({ spansMs: 2 * dayMs, derivedMs: 90 * dayMs, fits: null });
	// Whole stretches of three hours whose newest span is old enough.
	const partitions = Map.groupBy(spans, (span) => Math.floor(timeMs(span) / (3 * hourMs)));
	const old = [...partitions.values()].filter((of) => Math.max(...of.map(timeMs)) < nowMs - 2 * dayMs - 5_000).flat();
	expect(old.length).toBeGreaterThan(200);
	expect(told.dropped.map(({ table, rows }) => [table, rows])).toContainEqual(['spans', old.length]);
	await applyRetention(store.clickhouse, wanted, silentLog);
	await expect.poll(() => store.count('spans'), { timeout: 20_000 }).toBe(spans.length - old.length);
	const { tables, retention: reach } = await storage.describe(scope);
	expect(tables.find(({ table }) => table === 'spans')).toMatchObject({
		keptMs: 2 * dayMs,
		oldestMs: told.oldestSpanMs,
		rows: spans.length - old.length,
	});
	expect(reach.reachMs).toBeGreaterThan(2 * dayMs - 6 * hourMs);
	expect(await store.count('red_minutes')).toBeGreaterThan(0);
});

/** As the tables hold it: what came under its canonical name and type is in a column alone. */
function pairsOf(span: PlainSpan): [scope: string, key: string, bytes: number][] {
	const ownAndCopied = { ...span.promoted, ...span.copied };
	const promoted = Object.entries(ownAndCopied).flatMap(([key, value]): [string, string, number][] => {
		const storage = PROMOTED_ATTRIBUTES.find(({ attribute }) => attribute === key)!.storage;
		if (value === '' || value === 0n) return [];
		const bytes = { string: Buffer.byteLength(String(value)), int64: 8, dictionary: 2 }[storage];
		return [['span', key, bytes]];
	});
	const own = (span.attributes ?? []).map(([key, value]): [string, string, number] => ['span', key, valueBytes(value)]);
	const tagged = (where: string, of: readonly { attributes?: PlainSpan['attributes'] }[] | undefined) =>
		(of ?? []).flatMap(({ attributes = [] }) =>
			attributes.map(([key, value]): [string, string, number] => [where, key, Buffer.byteLength(taggedValue(value))]),
		);
	return [
		...promoted.filter(([, , bytes]) => bytes > 0),
		...own,
		...tagged('event', span.events),
		...tagged('link', span.links),
	];
}

function valueBytes(value: NonNullable<PlainSpan['attributes']>[number][1]): number {
	if (value.stringValue !== undefined) return Buffer.byteLength(value.stringValue);
	if (value.intValue !== undefined || value.doubleValue !== undefined) return 8;
	if (value.boolValue !== undefined) return 1;
	return Buffer.byteLength(JSON.stringify(value));
}

function bytesOf(span: PlainSpan): number {
	const links = (span.links ?? []).reduce((sum, { traceState = '' }) => sum + 28 + Buffer.byteLength(traceState), 0);
	const texts = Buffer.byteLength(span.statusMessage ?? '') + Buffer.byteLength(span.traceState ?? '');
	return (
		80 + texts + 10 * (span.events ?? []).length + links + pairsOf(span).reduce((sum, [, , bytes]) => sum + bytes, 0)
	);
}
