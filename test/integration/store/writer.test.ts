import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { CommitLog } from '../../../collector/store/derived/commit-log.ts';
import { silentLog } from '../../../collector/log.ts';
import { migrate, readMigrations } from '../../../collector/store/engine/migrations.ts';
import { applyRetention } from '../../../collector/store/retention.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import type { SpanWriterOptions } from '../../../collector/store/inserts/span-writer.ts';
import { throwAwayTables } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 10, 20, 10);
let tables: Awaited<ReturnType<typeof throwAwayTables>>;
let clickhouse: ClickHouse;
beforeAll(async () => {
	tables = await throwAwayTables();
	({ clickhouse } = tables);
});
afterAll(() => tables.close());

const newWriter = (options: Partial<SpanWriterOptions> = {}) =>
	new SpanWriter({
		clickhouse,
		untilReady: () => Promise.resolve(),
		commits: new CommitLog(randomUUID(), 0),
		...options,
	});

/** Spans with the same time, of a service of their own. */
const block = (project: string, rows: number, timeUnixMs = nowMs, service = 'cart') =>
	spanBlock(
		Array.from({ length: rows }, () => ({
			traceId: randomBytes(16).toString('hex'),
			spanId: randomBytes(8).toString('hex'),
			startUnixNano: BigInt(timeUnixMs) * 1_000_000n,
			endUnixNano: BigInt(timeUnixMs) * 1_000_000n,
			resource: { service },
		})),
		project,
	);

const partsOf = (project: string) =>
	clickhouse.rows<{ rows: number }>(
		`SELECT rows FROM system.parts WHERE table = 'spans' AND active AND startsWith(partition, concat('(\\'', {project:String}, '\\'')) ORDER BY name`,
		{ project },
	);

test('what queues while an insert runs becomes one part', async () => {
	let open = (): void => {};
	const gate = new Promise<void>((resolve) => (open = resolve));
	const writer = newWriter({ untilReady: () => gate });
	const first = writer.append(block('grouped', 5));
	await setImmediate();
	// The first insert is under way; these wait for it, and go together.
	const others = [7, 11, 13].map((rows) => writer.append(block('grouped', rows)));
	expect(writer.queuedRows).toBe(36);
	open();
	await Promise.all([first, ...others]);
	expect((await partsOf('grouped')).map((part) => part.rows)).toEqual([5, 31]);
	expect(writer.rowsStored).toBe(36);
	expect(writer.queuedRows).toBe(0);
});

test('an insert of many rows is one file, which costs less to make and to sync than a file for every column', async () => {
	const writer = newWriter();
	await writer.append(block('one-file', 60_000));
	const parts = await clickhouse.rows(
		`SELECT part_type AS type, data_uncompressed_bytes > 10485760 AS isLarge FROM system.parts
		WHERE table = 'spans' AND active AND startsWith(partition, '(\\'one-file\\'')`,
		{},
	);
	// ClickHouse's own limit is 10 MiB.
	expect(parts).toEqual([{ type: 'Compact', isLarge: 1 }]);
});

test('an append is answered when its spans can be read', async () => {
	const writer = newWriter();
	await writer.append(block('committed', 3));
	expect(await clickhouse.rows("SELECT count() AS n FROM spans WHERE project = 'committed'", {})).toEqual([{ n: 3 }]);
});

test('spans of several three hours and days go to their partitions, with their resources on each day', async () => {
	const writer = newWriter();
	const times = [0, 3, 6, 24, 48].map((hours) => nowMs - hours * hourMs);
	await Promise.all(times.map((time) => writer.append(block('spread', 2, time, 'late'))));
	expect(await partsOf('spread')).toHaveLength(5);
	const days = await clickhouse.rows(
		"SELECT DISTINCT toString(day) AS day FROM resources WHERE project = 'spread' ORDER BY day",
		{},
	);
	expect(days).toEqual([{ day: '2026-11-18' }, { day: '2026-11-19' }, { day: '2026-11-20' }]);
});

test('a resource is written once a day, however many inserts refer to it', async () => {
	const writer = newWriter();
	await writer.append(block('once', 1));
	await writer.append(block('once', 1));
	await writer.append(block('once', 1, nowMs - 24 * hourMs));
	const [written] = await clickhouse.rows<{ n: number }>(
		"SELECT count() AS n FROM resources WHERE project = 'once'",
		{},
	);
	expect(written?.n).toBe(2);
});

test('beyond its bound the queue refuses at once, and says when to come back', async () => {
	let open = (): void => {};
	const gate = new Promise<void>((resolve) => (open = resolve));
	const writer = newWriter({ untilReady: () => gate, maxQueuedRows: 100 });
	const first = writer.append(block('bounded', 90));
	await expect(writer.append(block('bounded', 11))).rejects.toMatchObject({
		status: 503,
		code: 'STORE_BUSY',
		retryAfterMs: expect.any(Number),
	});
	const second = writer.append(block('bounded', 10));
	open();
	await Promise.all([first, second]);
	await writer.append(block('bounded', 11));
	expect(writer.rowsStored).toBe(111);
});

test('a block larger than the queue is taken when nothing else waits', async () => {
	const writer = newWriter({ maxQueuedRows: 10 });
	await writer.append(block('large', 50));
	expect(writer.rowsStored).toBe(50);
});

test('the watermark is when the oldest span that is not stored was appended', async () => {
	let open = (): void => {};
	const gate = new Promise<void>((resolve) => (open = resolve));
	const writer = newWriter({ untilReady: () => gate });
	const beforeMs = Date.now();
	const appended = writer.append(block('watermark', 1));
	const afterMs = Date.now();
	expect(writer.watermarkMs()).toBeGreaterThanOrEqual(beforeMs);
	expect(writer.watermarkMs()).toBeLessThanOrEqual(afterMs);
	open();
	await appended;
	expect(writer.watermarkMs()).toBeGreaterThanOrEqual(afterMs);
});

test('closing waits for what is queued and takes no more', async () => {
	const writer = newWriter();
	const appended = writer.append(block('closing', 4));
	await writer.close();
	await appended;
	await expect(writer.append(block('closing', 1))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});

test('an insert whose answer got lost is asked about, and what waited for an absent store goes in when it is back', async () => {
	let isAway = true;
	const untilReady = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve());
	const server = clickhouse.shard(0);
	const insert = server.insert.bind(server);
	let lost = 0;
	const spied = vi.spyOn(server, 'insert').mockImplementation(async (into, ...rest) => {
		await insert(into, ...rest);
		if (into.startsWith('spans ') && lost < 2) {
			lost += 1;
			throw new Error('read ECONNRESET');
		}
	});
	onTestFinished(() => spied.mockRestore());
	const writer = newWriter({ untilReady });
	const appends = [block('away', 1), block('away', 2)].map((each) => writer.append(each));
	await expect.poll(() => writer.storeFailure?.reason).toBe('away');
	expect(writer.queuedRows).toBe(3);
	isAway = false;
	await Promise.all(appends);
	await writer.append(block('away', 4));
	expect([lost, writer.queuedRows, writer.rowsStored]).toEqual([2, 0, 7]);
	expect(await clickhouse.rows("SELECT count() AS n FROM spans WHERE project = 'away'", {})).toEqual([{ n: 7 }]);
});

test('migrations that have been applied are not applied again, and a changed one is refused', async () => {
	const migrations = readMigrations();
	await migrate(clickhouse, migrations, '1.0.0', silentLog);
	const changed = migrations.map((migration) => ({ ...migration, checksum: '0' }));
	await expect(migrate(clickhouse, changed, '1.0.0', silentLog)).rejects.toMatchObject({ code: 'SCHEMA_CHANGED' });
});

test('what is derived from a query is stored beside it', async () => {
	const span = (id: string): PlainSpan => ({
		traceId: id.repeat(32),
		spanId: id.repeat(16),
		startUnixNano: 1n,
		endUnixNano: BigInt(Date.now()) * 1_000_000n,
	});
	const fingerprint = 0xfedc_ba98_7654_3210n;
	const queried = { ...span('2'), query: { text: 'SELECT ?', fingerprint }, copied: { 'db.query.summary': 'SELECT' } };
	const writer = newWriter();
	await writer.append(spanBlock([span('1'), queried], 'queries'));
	const rows = await clickhouse.rows(
		`SELECT db_query_text AS text, toString(db_query_fingerprint) AS fingerprint, db_summary AS summary
		FROM spans WHERE project = 'queries' ORDER BY span_id`,
		{},
	);
	expect(rows).toEqual([
		{ text: '', fingerprint: '0', summary: '' },
		{ text: 'SELECT ?', fingerprint: String(fingerprint), summary: 'SELECT' },
	]);
});

test('a migration whose number lies in a gap is applied when it comes, once', async () => {
	const step = (number: number) => ({
		number,
		name: `step_${number}`,
		template: `CREATE TABLE {database}.step_${number} (n UInt8) ENGINE = MergeTree ORDER BY n`,
		checksum: String(number),
	});
	const gapped = new ClickHouse(tables.server.address, { username: 'default', password: '' }, 'gapped');
	await migrate(gapped, [step(2), step(9)], '1.0.0', silentLog);
	for (let start = 0; start < 2; start++) await migrate(gapped, [step(2), step(5), step(9)], '1.1.0', silentLog);
	const applied = await gapped.rows<{ number: number; program: string }>(
		'SELECT number, program FROM schema_migrations ORDER BY number',
		{},
	);
	expect(applied.map(({ number, program }) => `${number} ${program}`)).toEqual(['2 1.0.0', '5 1.1.0', '9 1.0.0']);
	const refused = { code: 'SCHEMA_CHANGED', message: expect.stringContaining('migration 5') };
	await expect(migrate(gapped, [step(2), step(9)], '1.0.0', silentLog)).rejects.toMatchObject(refused);
	await gapped.close();
});

test('what a migration makes of stored rows is not waited for', async () => {
	const step = (number: number, template: string) => ({ number, name: `step_${number}`, template, checksum: '' });
	const slow = new ClickHouse(tables.server.address, { username: 'default', password: '' }, 'slow');
	const steps = [
		step(1, 'CREATE TABLE {database}.step (n UInt8, m UInt8) ENGINE = MergeTree ORDER BY n'),
		step(2, 'INSERT INTO {database}.step SELECT 1, 0'),
		step(3, 'ALTER TABLE {database}.step UPDATE m = 1 + sleep(2) WHERE 1'),
	];
	await migrate(slow, steps, '1.0.0', silentLog);
	const done = () => slow.rows('SELECT is_done FROM system.mutations WHERE database = currentDatabase()', {});
	expect(await done()).toEqual([{ is_done: 0 }]);
	await expect.poll(done, { timeout: 20_000 }).toEqual([{ is_done: 1 }]);
	await slow.close();
});

test('a schema of a newer program is refused with the version that is needed', async () => {
	const migrations = readMigrations();
	const extra = { number: 9_999, name: 'extra', template: 'SELECT 1', checksum: 'x' };
	const newer = new ClickHouse(tables.server.address, { username: 'default', password: '' }, 'newer');
	await migrate(newer, [...migrations, extra], '9.1.0', silentLog);
	const refused = { code: 'SCHEMA_TOO_NEW', message: expect.stringContaining('use Spanhouse 9.1.0 or newer') };
	await expect(migrate(newer, migrations, '1.0.0', silentLog)).rejects.toMatchObject(refused);
	await newer.close();
});

test('retention drops what is older, and a change reaches what is stored already', async () => {
	const writer = newWriter();
	const dayMs = 24 * hourMs;
	const midnightMs = Math.floor(Date.now() / dayMs) * dayMs;
	await writer.append(block('kept', 3, midnightMs - dayMs));
	await writer.append(block('kept', 5, midnightMs - 9 * dayMs));
	const rows = async () =>
		(await clickhouse.rows<{ n: number }>("SELECT count() AS n FROM spans WHERE project = 'kept'", {}))[0]?.n;
	expect(await rows()).toBe(8);
	await applyRetention(clickhouse, { spansMs: 7 * dayMs, derivedMs: 90 * dayMs }, silentLog);
	await clickhouse.command('OPTIMIZE TABLE spanhouse.spans FINAL');
	expect(await rows()).toBe(3);
});
