import { once } from 'node:events';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../../../collector/log.ts';
import { logBlockCodec } from '../../../collector/spool/log-block-codec.ts';
import { partitionMs } from '../../../collector/spool/batch-sink.ts';
import type { BatchSink } from '../../../collector/spool/batch-sink.ts';
import { Spool } from '../../../collector/spool/spool.ts';
import { ClickHouse } from '../../../collector/store/engine/clickhouse.ts';
import { EmbeddedServer } from '../../../collector/store/engine/embedded-server.ts';
import { createLogReader } from '../../../collector/store/traces/log-reader.ts';
import { LogSink } from '../../../collector/store/inserts/log-sink.ts';
import { LogWriter } from '../../../collector/store/inserts/log-writer.ts';
import { migrate, readMigrations } from '../../../collector/store/engine/migrations.ts';
import type { LogBlock } from '../../../schema/log-block.ts';
import { parseTraceId } from '../../../schema/span.ts';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { logBlock, logRecord } from '../../support/log-block.ts';

const nowMs = Date.UTC(2026, 10, 20, 10);
const folder = temporaryFolder();
let server: EmbeddedServer;
let clickhouse: ClickHouse;
let sink: LogSink;

beforeAll(async () => {
	server = await EmbeddedServer.start(join(folder.path, 'store'), silentLog);
	clickhouse = new ClickHouse(server.address, { username: 'default', password: '' }, 'spanhouse');
	server.on('ready', (address) => clickhouse.connect(address));
	await migrate(clickhouse, readMigrations(), '1.0.0', silentLog);
	const untilReady = async (): Promise<void> => {
		if (!server.state().ready) await once(server, 'ready', { signal: AbortSignal.timeout(20_000) });
	};
	sink = new LogSink({ clickhouse, untilReady });
});
afterAll(async () => {
	await clickhouse.close();
	await server.stop();
	folder.remove();
});

const partitionAt = (project: string, timeMs: number) => ({
	project,
	startMs: Math.floor(timeMs / partitionMs) * partitionMs,
});
const countOf = async (project: string): Promise<number> =>
	(
		await clickhouse.rows<{ n: number }>('SELECT count() AS n FROM logs WHERE project = {project:String}', { project })
	)[0]?.n ?? 0;
const records = (count: number) =>
	Array.from({ length: count }, () => logRecord({ traceId: randomBytes(16).toString('hex'), body: 'sx' }));

test('what is stored comes back with all that was sent', async () => {
	const traceId = parseTraceId('5b8efff798038103d269b633813fc60c')!;
	const stored = [
		logRecord({
			traceId,
			spanId: 'eee19b7ec3c1b174',
			timeUnixNano: '1795000000000000009',
			severity: 17,
			severityText: 'ERROR',
			eventName: 'exception',
			body: 'j{"arrayValue":{"values":[{"intValue":"9007199254740993"}]}}',
			exceptionType: 'Кот',
			exceptionMessage: "it's\n",
			exceptionStacktrace: 'at\0x',
			attributes: [
				['__proto__', 's1'],
				['n', 'i-9223372036854775808'],
				['nan', 'dNaN'],
			],
			droppedAttributes: 2,
			marks: 8,
		}),
		logRecord({ traceId, timeUnixNano: '0', observedUnixNano: '1795000000000000001', body: 'sfirst' }),
		logRecord({ traceId: '1'.repeat(32), body: 'sof another trace' }),
	];
	const partition = partitionAt('whole', 1_795_000_000_000);
	await sink.insert({ src: randomUUID(), batch: 1, partition, spans: 3, blocks: [logBlock(stored, 'whole')] });
	const reader = createLogReader(clickhouse, { has: () => false });
	const { logs, truncated } = await reader.ofTrace({ project: 'whole' }, traceId, { at: 1_795_000_000_000, limit: 10 });
	expect(truncated).toBe(false);
	expect(logs.map(({ body }) => body)).toEqual([
		{ stringValue: 'first' },
		{ arrayValue: { values: [{ intValue: '9007199254740993' }] } },
	]);
	expect(logs[1]).toEqual({
		timeUnixNano: '1795000000000000009',
		tMs: 1_795_000_000_000,
		spanId: 'eee19b7ec3c1b174',
		service: 'cart',
		namespace: 'shop',
		environment: 'prod',
		scope: 'logger',
		severity: 17,
		severityText: 'ERROR',
		eventName: 'exception',
		body: { arrayValue: { values: [{ intValue: '9007199254740993' }] } },
		exception: { type: 'Кот', message: "it's\n", stacktrace: 'at\0x' },
		attributes: [
			{ key: '__proto__', value: { stringValue: '1' } },
			{ key: 'n', value: { intValue: '-9223372036854775808' } },
			{ key: 'nan', value: { doubleValue: 'NaN' } },
		],
		droppedAttributes: 2,
		marks: ['cut'],
	});
	const elsewhere = await reader.ofTrace({ project: 'whole' }, traceId, { at: 1_000, limit: 1 });
	expect([elsewhere.logs.length, elsewhere.truncated]).toEqual([1, true]);
	expect(await reader.ofTrace({ project: 'other' }, traceId, { limit: 10 })).toEqual({ logs: [], truncated: false });
});

test('rows of a batch and partition are counted, those beside it are not', async () => {
	const src = randomUUID();
	const blocks = [logBlock(records(4), 'counted', [nowMs, nowMs, nowMs - partitionMs, nowMs])];
	const partition = partitionAt('counted', nowMs);
	await sink.insert({ src, batch: 7, partition, spans: 3, blocks });
	expect(await sink.countStored(src, { first: 7, last: 7 }, partition)).toBe(3);
	expect(await sink.countStored(src, { first: 8, last: 8 }, partition)).toBe(0);
	expect(await sink.countStored(randomUUID(), { first: 7, last: 7 }, partition)).toBe(0);
	expect(await countOf('counted')).toBe(3);
	await expect(sink.insert({ src, batch: 9, partition, spans: 4, blocks })).rejects.toThrow('expected 4');
});

test('through the spool every record is stored once, though the answers of inserts get lost and the store is killed', async () => {
	let inserts = 0;
	const unreliable: BatchSink<LogBlock> = {
		insert: async (batch) => {
			inserts += 1;
			await sink.insert(batch);
			if (inserts % 2 === 1) throw new Error('the answer got lost');
		},
		countStored: (src, batches, partition) => sink.countStored(src, batches, partition),
	};
	const options = {
		folder: join(folder.path, 'log-spool'),
		codec: logBlockCodec,
		maxBytes: 64 * 1024 ** 2,
		sink: unreliable,
		log: silentLog,
		lingerMs: 10,
		backoffMs: { first: 20, last: 100 },
	};
	let spool = await Spool.open(options);
	const send = (count: number) =>
		spool.append(
			logBlock(
				records(count),
				'once',
				Array.from({ length: count }, (_, i) => nowMs - (i % 2) * partitionMs),
			),
		);
	for (let request = 1; request <= 6; request++) {
		await send(request);
		if (request === 3) {
			process.kill(server.pid!, 'SIGKILL');
			// An insert that outlives its spool is of a process that has ended.
			await spool.close();
			spool = await Spool.open(options);
		}
	}
	expect(await spool.drain(60_000)).toBe(true);
	await spool.close();
	expect(await countOf('once')).toBe(21);
	expect(spool.state()).toMatchObject({ quarantine: { records: 0 }, surprises: 0 });
});

test('without a spool, requests that come together share inserts, and all are stored before they are answered', async () => {
	const writer = new LogWriter(sink);
	await Promise.all([1, 2, 3].map((count) => writer.append(logBlock(records(count), 'direct'))));
	expect([writer.rowsStored, await countOf('direct')]).toEqual([6, 6]);
	await writer.close();
	await expect(writer.append(logBlock(records(1)))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
