import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogBlock } from '../schema/log-block.ts';
import { logBlock, logRecord } from '../test/support/log-block.ts';
import { ModelSink } from '../test/support/model-sink.ts';
import { spanBlock } from '../test/support/span-block.ts';
import { openIntake } from './intake.ts';
import type { Intake } from './intake.ts';
import { silentLog } from './log.ts';
import { measureIntake } from './measure-intake.ts';
import { createSelfMetrics } from './self-metrics.ts';
import { PoisonError } from './spool/batch-sink.ts';
import type { BatchSink } from './spool/batch-sink.ts';
import { CRASH_POINTS } from './spool/crash-point.ts';
import type { CrashHook, CrashPoint } from './spool/crash-point.ts';
import { packBlock } from './spool/pack-block.ts';
import type { Store } from './store/store.ts';

let folder: string;
let logs: LogStore;
let intake: Intake | undefined;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'spanhouse-intake-'));
	logs = new LogStore();
});
afterEach(async () => {
	await intake?.close();
	intake = undefined;
	rmSync(folder, { recursive: true, force: true });
});

const never = new Promise<never>(() => undefined);

/** A store of logs whose inserts are all or nothing. Records are known by their event name; it never takes one called poison. */
class LogStore {
	readonly batches = new Map<string, string[]>();

	names = (): string[] => [...this.batches.values()].flat().toSorted();

	connect(): BatchSink<LogBlock> {
		let isAlive = true;
		this.kill = () => (isAlive = false);
		return {
			insert: async ({ src, batch, blocks }) => {
				if (!isAlive) await never;
				const names = blocks.flatMap(({ records }) => records.map(({ eventName }) => eventName));
				if (names.includes('poison')) throw new PoisonError('this record is poison');
				const key = `${src} ${batch}`;
				this.batches.set(key, [...(this.batches.get(key) ?? []), ...names]);
			},
			countStored: async (src, { first, last }) => {
				if (!isAlive) await never;
				const ids = Array.from({ length: last - first + 1 }, (_, at) => first + at);
				return ids.reduce((total, id) => total + (this.batches.get(`${src} ${id}`)?.length ?? 0), 0);
			},
		};
	}

	/** Nothing that the one still sends which was connected last arrives. */
	kill: () => void = () => {};
}

const open = (logCrash?: CrashHook, options: Partial<Parameters<typeof openIntake>[0]> = {}): Promise<Intake> =>
	openIntake({
		ack: 'spool',
		dataFolder: folder,
		store: { sink: new ModelSink().connect(() => true), logSink: logs.connect() } as unknown as Store,
		settings: { lingerMs: 0, backoffMs: { first: 1, last: 5 } },
		log: silentLog,
		crash: undefined,
		logCrash,
		...options,
	});

const packed = (...names: string[]) => packBlock(logBlock(names.map((eventName) => logRecord({ eventName }))));

test('it is not ready when log records could not be kept, and says so, until they can', async () => {
	intake = await open();
	await intake.checkReady();
	// The first segment can't be made in a folder that isn't there.
	renameSync(join(folder, 'log-spool'), join(folder, 'elsewhere'));
	await expect(intake.appendLogs(packed('lost'), undefined)).rejects.toMatchObject({ status: 503 });
	await expect(intake.checkReady()).rejects.toThrow(/^of log records: .*ENOENT/);
	renameSync(join(folder, 'elsewhere'), join(folder, 'log-spool'));
	await intake.appendLogs(packed('kept'), undefined);
	await intake.checkReady();
});

test('waiting until it is empty ends when it is closed, and says what is left', async () => {
	const told: [object, string | undefined][] = [];
	const warn = (facts: object, message?: string) => {
		told.push([facts, message]);
		// A loop that never pauses would let no test end.
		if (told.length > 100) throw new Error('it asks without a pause');
	};
	const insert = () => Promise.reject(new Error('the store is away'));
	const sinks = { sink: new ModelSink().connect(() => true), logSink: { ...logs.connect(), insert } };
	intake = await open(undefined, { log: { ...silentLog, warn }, store: sinks as unknown as Store });
	await intake.appendLogs(packed('left', 'too'), undefined);
	const drained = intake.drain();
	await intake.close();
	await drained;
	const left = told.filter(([, message]) => message?.includes('closed'));
	expect(left).toEqual([[expect.objectContaining({ what: 'log records', waiting: 2 }), expect.any(String)]]);
}); // prettier-ignore

test('what waits for memory, and inserts that are kept apart, are told in the status and in figures', async () => {
	const sink = new ModelSink();
	sink.mode = 'cramped';
	let parts = 7;
	intake = await open(undefined, {
		store: {
			sink: { ...sink.connect(() => true), mostParts: async () => parts },
			logSink: { ...logs.connect(), mostParts: async () => 3 },
		} as unknown as Store,
		settings: {
			lingerMs: 1,
			backoffMs: { first: 1, last: 5 },
			patience: { tries: 1, againMs: { first: 1, last: 5 } },
			parts: { slow: 6, pause: 8, askEveryMs: 0 },
		},
	});
	const metrics = createSelfMetrics();
	const figure = async (name: string) => {
		if (intake !== undefined) measureIntake(intake, metrics);
		return (await metrics.registry.getSingleMetric(`spanhouse_${name}`)?.get())?.values[0]?.value;
	};
	const span = { traceId: '1'.padStart(32, '0'), startUnixNano: 0n, endUnixNano: 1_800_000_000_000_000_000n };
	const spans = Array.from({ length: 9 }, (_, at) => ({ ...span, spanId: String(at + 1).padStart(16, '0') }));
	await intake.append(packBlock(spanBlock(spans)), undefined);
	await expect.poll(() => intake?.describe().postponedRequests).toBe(1);
	expect(intake.describe()).toMatchObject({
		spans: 9,
		postponedSpans: 9,
		postponedFor: 'memory limit exceeded',
		mostParts: 7,
		insertsPaused: false,
	});
	expect(intake.describe().insertDistanceMs).toBeGreaterThan(1);
	expect(await figure('postponed_spans')).toBe(9);
	expect(await figure('most_parts')).toBe(7);
	expect(await figure('insert_distance_seconds')).toBeGreaterThan(0.001);
	expect(await figure('inserts_paused')).toBe(0);
	// Those who delete wait for what is postponed.
	expect(intake.erasable.storedUpToMs()).toBeLessThan(intake.watermarkMs());
	parts = 9;
	await expect.poll(() => intake?.describe().insertsPaused).toBe(true);
	expect(await figure('inserts_paused')).toBe(1);
	expect(await figure('postponed_log_records')).toBe(0);
});

describe('log records', () => {
	/** Takes records until it dies at that moment; which of them it acknowledged. */
	async function untilDeath(point: CrashPoint): Promise<string[]> {
		const death = Promise.withResolvers<void>();
		let isDead = false;
		const crash: CrashHook = async (passed) => {
			if (!isDead && passed !== point) return;
			if (!isDead) logs.kill();
			isDead = true;
			death.resolve();
			await never;
		};
		const acknowledged: string[] = [];
		const life = async (): Promise<never> => {
			const dying = await open(crash);
			for (let request = 0; request < 6; request += 1) {
				const names = [`${request}a`, `${request}b`];
				await dying.appendLogs(packed(...names), undefined);
				acknowledged.push(...names);
			}
			await dying.appendLogs(packed('poison'), undefined);
			while (dying.describeLogs().records > 0) await (isDead ? never : sleep(1));
			await dying.erasable.releaseStored();
			return never;
		};
		await Promise.race([life(), death.promise]);
		return acknowledged;
	}

	test.each(CRASH_POINTS)('are stored once though it dies %s', async (point) => {
		const acknowledged = await untilDeath(point);
		intake = await open();
		await expect.poll(() => intake?.describeLogs().records, { timeout: 10_000 }).toBe(0);
		const stored = logs.names();
		expect(stored).toEqual([...new Set(stored)]);
		expect(stored).toEqual(expect.arrayContaining(acknowledged));
	});
});
