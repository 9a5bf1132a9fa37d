import { once } from 'node:events';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { Spool } from '../../../collector/spool/spool.ts';
import { spanBlockCodec } from '../../../collector/spool/span-block-codec.ts';
import type { SpoolOptions } from '../../../collector/spool/spool.ts';
import { partitionMs, PoisonError } from '../../../collector/spool/batch-sink.ts';
import type { BatchSink, SubBatch } from '../../../collector/spool/batch-sink.ts';
import { ClickHouseBatchSink } from '../../../collector/store/inserts/batch-sink.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { CommitLog } from '../../../collector/store/derived/commit-log.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { migrate, readMigrations } from '../../../collector/store/engine/migrations.ts';
import type { SpanBlock } from '../../../schema/span-block.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { spanBlock } from '../../support/span-block.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 10, 20, 10);
const folder = temporaryFolder();
let server: EmbeddedServer;
let clickhouse: ClickHouse;
let sink: ClickHouseBatchSink;

beforeAll(async () => {
	server = await EmbeddedServer.start(folder.path, silentLog);
	clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	server.on('ready', (address) => clickhouse.connect(address));
	await migrate(clickhouse, readMigrations(), '1.0.0', silentLog);
	const untilReady = async (): Promise<void> => {
		if (!server.state().ready) await once(server, 'ready', { signal: AbortSignal.timeout(20_000) });
	};
	sink = new ClickHouseBatchSink({ clickhouse, untilReady, commits: new CommitLog(randomUUID(), 0) });
});
afterAll(async () => {
	await clickhouse.close();
	await server.stop();
	folder.remove();
});

/** Spans that ended so many hours ago, in turn. */
const block = (project: string, rows: number, hours: readonly number[] = [0]): SpanBlock =>
	spanBlock(
		Array.from({ length: rows }, (_, row) => ({
			traceId: randomBytes(16).toString('hex'),
			spanId: randomBytes(8).toString('hex'),
			startUnixNano: 1n,
			endUnixNano: BigInt(nowMs - (hours[row % hours.length] ?? 0) * hourMs) * 1_000_000n,
			resource: { service: 'cart' },
		})),
		project,
	);

const partitionAt = (project: string, timeMs: number) => ({
	project,
	startMs: Math.floor(timeMs / partitionMs) * partitionMs,
});

/** Spans of the project, and how many different ones. */
async function stored(project: string): Promise<{ spans: number; distinct: number }> {
	const sql = 'SELECT count() AS spans, uniqExact(span_id) AS distinct FROM spans WHERE project = {project:String}';
	const [row] = await clickhouse.rows<{ spans: number; distinct: number }>(sql, { project });
	return row ?? { spans: 0, distinct: 0 };
}

const openSpool = (path: string, through: BatchSink = sink, options: Partial<SpoolOptions> = {}): Promise<Spool> =>
	Spool.open({
		codec: spanBlockCodec,
		folder: path,
		maxBytes: 1e9,
		sink: through,
		log: silentLog,
		lingerMs: 20,
		backoffMs: { first: 50, last: 200 },
		...options,
	});

const only = (batch: number) => ({ first: batch, last: batch });

test('a sub-batch stores the rows of its partition, marked with spool and batch, and can count them', async () => {
	const src = randomUUID();
	const blocks = [block('marked', 6, [0, 3]), block('marked', 2)];
	const partition = partitionAt('marked', nowMs);
	expect(await sink.countStored(src, only(7), partition)).toBe(0);
	await sink.insert({ src, batch: 7, partition, spans: 5, blocks });
	expect(await sink.countStored(src, only(7), partition)).toBe(5);
	expect(await sink.countStored(src, only(8), partition)).toBe(0);
	expect(await sink.countStored(randomUUID(), only(7), partition)).toBe(0);
	expect(await sink.countStored(src, only(7), partitionAt('marked', nowMs - 3 * hourMs))).toBe(0);
	await sink.insert({ src, batch: 9, partition, spans: 2, blocks: [block('marked', 2)] });
	expect(await sink.countStored(src, { first: 7, last: 9 }, partition)).toBe(7);
	expect(await sink.countStored(src, { first: 8, last: 20 }, partition)).toBe(2);
	const marks =
		"SELECT DISTINCT toString(_src) AS src, _batch AS batch FROM spans WHERE project = 'marked' ORDER BY batch";
	expect(await clickhouse.rows(marks, {})).toEqual([7, 9].map((batch) => ({ src, batch })));
	const parts = "SELECT count() AS n FROM system.parts WHERE table = 'spans' AND active AND partition LIKE '%marked%'";
	expect(await clickhouse.rows(parts, {})).toEqual([{ n: 2 }]);
});

test('the parts are counted of the partition that has most of them, and slow the spool down until they are merged', async () => {
	await clickhouse.command('SYSTEM STOP MERGES spanhouse.spans');
	const src = randomUUID();
	const insert = (batch: number, project: string) =>
		sink.insert({ src, batch, partition: partitionAt(project, nowMs), spans: 1, blocks: [block(project, 1)] });
	const before = await sink.mostParts();
	for (let batch = 1; batch <= before + 3; batch += 1) await insert(batch, 'crowded');
	await insert(1, 'roomy');
	expect(await sink.mostParts()).toBe(before + 3);
	const place = temporaryFolder();
	const pause = before + 2;
	const spool = await openSpool(place.path, sink, { parts: { slow: 1, pause, askEveryMs: 50 } });
	await spool.append(block('waits', 3));
	await expect.poll(() => spool.state().pressure).toMatchObject({ parts: before + 3, isPaused: true });
	expect(await spool.drain(200)).toBe(false);
	expect(await stored('waits')).toEqual({ spans: 0, distinct: 0 });
	await clickhouse.command('SYSTEM START MERGES spanhouse.spans');
	await clickhouse.command('OPTIMIZE TABLE spanhouse.spans FINAL');
	expect(await spool.drain(20_000)).toBe(true);
	expect(await stored('waits')).toEqual({ spans: 3, distinct: 3 });
	expect(spool.state().pressure.parts).toBeLessThanOrEqual(pause);
	await spool.close();
	place.remove();
});

test('rows are counted only when an insert whose answer was lost has ended', async () => {
	const src = randomUUID();
	const partition = partitionAt('fenced', nowMs);
	// Stands for an insert that still runs: it carries the same mark.
	const running = clickhouse
		.command(
			`SELECT count() FROM numbers(600) WHERE sleepEachRow(0.05) = 0
			SETTINGS max_block_size = 1, log_comment = 'spool ${src} 3 ${partition.startMs}'`,
		)
		.catch((error: unknown) => error);
	const isRunning = `SELECT count() AS n FROM system.processes WHERE Settings['log_comment'] LIKE '%${src}%'`;
	await expect.poll(() => clickhouse.rows(isRunning, {}), { timeout: 5_000 }).toEqual([{ n: 1 }]);
	expect(await sink.countStored(src, only(3), partition)).toBe(0);
	expect(await clickhouse.rows(isRunning, {})).toEqual([{ n: 0 }]);
	expect(await running).toMatchObject({ engineCode: '394' });
});

test('rows that do not fit the batch are poison, not something to try again', async () => {
	const batch: SubBatch = {
		src: randomUUID(),
		batch: 1,
		partition: partitionAt('odd', nowMs),
		spans: 3,
		blocks: [block('odd', 2)],
	};
	await expect(sink.insert(batch)).rejects.toThrow(PoisonError);
	const damaged = block('odd', 2);
	// Says it is longer than it is: what ClickHouse reads next makes no sense.
	damaged.statusMessage = { bytes: Uint8Array.of(200, 1, 0), ends: Uint32Array.of(2, 3) };
	await expect(sink.insert({ ...batch, spans: 2, blocks: [damaged] })).rejects.toThrow('ClickHouse');
	expect(await stored('odd')).toEqual({ spans: 0, distinct: 0 });
});

test('what the spool acknowledged is stored once, resources included', async () => {
	const place = temporaryFolder();
	const spool = await openSpool(place.path);
	const blocks = Array.from({ length: 40 }, (_, index) => block('through', 10, index % 4 === 0 ? [0, 3, 27] : [0]));
	expect(await Promise.all(blocks.map((one) => spool.append(one)))).toEqual(blocks.map(() => 'stored'));
	expect(await spool.drain(20_000)).toBe(true);
	expect(await stored('through')).toEqual({ spans: 400, distinct: 400 });
	const resources = "SELECT uniqExact(day) AS days FROM resources WHERE project = 'through'";
	expect(await clickhouse.rows(resources, {})).toEqual([{ days: 2 }]);
	await spool.close();
	place.remove();
});

test('answers that get lost after the commit cost nothing and double nothing', async () => {
	const place = temporaryFolder();
	let lost = 0;
	const forgetful: BatchSink = {
		insert: async (batch) => {
			await sink.insert(batch);
			if ((lost += 1) % 2 === 1) throw new Error('read ECONNRESET');
		},
		countStored: (src, batches, partition) => sink.countStored(src, batches, partition),
	};
	const spool = await openSpool(place.path, forgetful, { batch: { maxSpans: 20, maxBytes: 1e6 } });
	await Promise.all(Array.from({ length: 20 }, () => spool.append(block('forgotten', 10, [0, 3]))));
	expect(await spool.drain(30_000)).toBe(true);
	expect(lost).toBeGreaterThanOrEqual(20);
	expect(await stored('forgotten')).toEqual({ spans: 200, distinct: 200 });
	await spool.close();
	place.remove();
});

test(
	'kill -9 of the engine while batches are inserted loses nothing and doubles nothing',
	{ timeout: 120_000 },
	async () => {
		const place = temporaryFolder();
		const spool = await openSpool(place.path, sink, { batch: { maxSpans: 240, maxBytes: 1e7 } });
		let sent = 0;
		const enough = new AbortController();
		const sending = (async () => {
			while (!enough.signal.aborted) {
				await spool.append(block('killed', 30, [0, 3]));
				sent += 30;
				await new Promise((resolve) => setTimeout(resolve, 40));
			}
		})();
		for (let kills = 0; kills < 4; kills += 1) {
			await new Promise((resolve) => setTimeout(resolve, 150 + kills * 37));
			if (server.pid !== undefined) process.kill(server.pid, 'SIGKILL');
			await once(server, 'ready', { signal: AbortSignal.timeout(20_000) });
		}
		enough.abort();
		await sending;
		expect(await spool.drain(60_000)).toBe(true);
		expect(sent).toBeGreaterThan(100);
		expect(await stored('killed')).toEqual({ spans: sent, distinct: sent });
		expect(spool.state()).toMatchObject({ surprises: 0, storeFailure: undefined, quarantine: { records: 0 } });
		await spool.close();
		place.remove();
	},
);
