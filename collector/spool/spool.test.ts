import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SpanBlock } from '../../schema/span-block.ts';
import { silentLog } from '../log.ts';
import { ModelSink } from '../../test/support/model-sink.ts';
import { seededRandom, SpoolWorld } from '../../test/support/spool-world.ts';
import { spanBlock } from '../../test/support/span-block.ts';
import { Spool } from './spool.ts';
import { spanBlockCodec } from './span-block-codec.ts';
import { MemoryError } from './batch-sink.ts';
import type { SpoolOptions } from './spool.ts';

let folder: string;
let sink: ModelSink;
let spool: Spool | undefined;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'spanhouse-spool-'));
	sink = new ModelSink();
});
afterEach(async () => {
	await spool?.close(100);
	spool = undefined;
	rmSync(folder, { recursive: true, force: true });
});

const open = async (options: Partial<SpoolOptions> = {}): Promise<Spool> => {
	spool = await Spool.open({
		codec: spanBlockCodec,
		folder,
		maxBytes: 1e8,
		sink: sink.connect(() => true),
		log: silentLog,
		lingerMs: 0,
		backoffMs: { first: 1, last: 5 },
		...options,
	});
	return spool;
};

let ids = 0;
const block = (spans: number, name = 'GET /') =>
	spanBlock(
		Array.from({ length: spans }, () => ({
			traceId: '0af7651916cd43dd8448eb211c80319c',
			spanId: (++ids).toString(16).padStart(16, '0'),
			startUnixNano: 0n,
			endUnixNano: 1_800_000_000_000_000_000n,
			name,
		})),
	);

const segments = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.seg'));

test('what is appended is stored, and its segment goes when the next one has begun', async () => {
	const open1 = await open({ segmentBytes: 4_096 });
	for (let request = 0; request < 40; request += 1) expect(await open1.append(block(3))).toBe('stored');
	expect(await open1.drain(5_000)).toBe(true);
	expect(new Set(sink.spanIds()).size).toBe(120);
	expect(open1.state()).toMatchObject({ records: 0, spans: 0, oldestAgeMs: undefined, storedSpans: 120 });
	await expect.poll(() => segments().length).toBeLessThanOrEqual(1);
});

test('no segment has the number of one of which something was set aside', async () => {
	mkdirSync(join(folder, 'quarantine'));
	writeFileSync(join(folder, 'quarantine', '7-at-64.quarantine'), '{}\n');
	sink.mode = 'refuses';
	await (await open()).append(block(1));
	expect(segments()).toEqual(['0000000008.seg']);
});

test('a block without spans takes no room', async () => {
	const open1 = await open();
	expect(await open1.append(block(0))).toBe('stored');
	expect(segments()).toEqual([]);
});

test('while the store is away everything waits, is counted, and goes in afterwards', async () => {
	const open1 = await open({ clock: () => 1_000 });
	sink.mode = 'refuses';
	await Promise.all([open1.append(block(2)), open1.append(block(3))]);
	await expect.poll(() => open1.state().storeFailure?.reason).toBe('the store is away');
	expect(open1.state()).toMatchObject({ records: 2, spans: 5, oldestAgeMs: 0, watermarkMs: 1_000 });
	expect(await open1.drain(20)).toBe(false);
	sink.mode = 'works';
	expect(await open1.drain(5_000)).toBe(true);
	expect(open1.state().storeFailure).toBeUndefined();
});

test('answers are held back while the store is behind, and not when it is away', async () => {
	let now = 1_000_000;
	const open1 = await open({ clock: () => now });
	await open1.append(block(1));
	expect(await open1.drain(5_000)).toBe(true);
	sink.mode = 'hangs';
	await open1.append(block(1));
	expect(open1.state()).toMatchObject({ holdMs: 0, heldMs: 0 });
	now += 1_200;
	const beganMs = performance.now();
	await open1.append(block(1));
	expect(performance.now() - beganMs).toBeGreaterThan(25);
	expect(open1.state()).toMatchObject({ holdMs: 50, heldMs: 50 });
	now += 10_000;
	expect(open1.state().holdMs).toBe(0);
	await open1.close(10);
	sink.mode = 'works';
	const open2 = await open({ clock: () => now });
	expect(await open2.drain(5_000)).toBe(true);
	sink.mode = 'refuses';
	await open2.append(block(1));
	await expect.poll(() => open2.state().storeFailure?.reason).toBe('the store is away');
	now += 5_000;
	await open2.append(block(1));
	expect(open2.state()).toMatchObject({ oldestAgeMs: 5_000, holdMs: 0, heldMs: 0 });
});

describe('a store that lacks memory', () => {
	/** Of requests that come while it is away, so that they make one batch. */
	const afterOutage = async (mode: ModelSink['mode'], requests: number, options: Partial<SpoolOptions> = {}) => {
		sink.mode = 'refuses';
		const open1 = await open(options);
		await Promise.all(Array.from({ length: requests }, () => open1.append(block(3))));
		sink.mode = mode;
		return open1;
	};

	/** What its first insert meets once it is back, and what all others meet. */
	const inTurn = (first: ModelSink['mode'], later: ModelSink['mode']): SpoolOptions['sink'] => {
		const to = sink.connect(() => true);
		let inserts = 0;
		const insert: typeof to.insert = async (batch) => {
			if (sink.mode !== 'refuses') sink.mode = inserts++ === 0 ? first : later;
			await to.insert(batch);
		};
		return { ...to, insert };
	};

	test('gets a batch in halves, and nothing is set aside for it', async () => {
		const open1 = await afterOutage('cramped', 20);
		expect(await open1.drain(5_000)).toBe(true);
		expect(sink.spanIds()).toHaveLength(60);
		expect(new Set(sink.spanIds()).size).toBe(60);
		expect(sink.largest).toBeLessThanOrEqual(8);
		expect(open1.state()).toMatchObject({ storedSpans: 60, surprises: 0, quarantine: { records: 0 } });
	});

	test('gets what follows in batches as small as those that it took, and is rarely asked for more', async () => {
		const to = sink.connect(() => true);
		let refused = 0;
		const insert: typeof to.insert = (batch) =>
			to.insert(batch).catch((error: unknown) => {
				if (error instanceof MemoryError) refused += 1;
				throw error;
			});
		const options = { batch: { maxSpans: 96, maxBytes: 1e8 }, sink: { ...to, insert } };
		const open1 = await afterOutage('cramped', 320, options);
		expect(await open1.drain(20_000)).toBe(true);
		expect(new Set(sink.spanIds()).size).toBe(960);
		// Each of ten batches of 32 requests would be refused ten times, until there are two in each part.
		expect(refused).toBeLessThan(60);
		expect(refused).toBeGreaterThanOrEqual(10);
	});

	test('gets what gathers in another outage in small batches without a pause between them', async () => {
		// A pause after each of some forty would be longer than the test may take.
		const open1 = await afterOutage('cramped', 200, { batch: { maxSpans: 2_000, maxBytes: 1e8 }, lingerMs: 1_000 });
		expect(await open1.drain(20_000)).toBe(true);
		sink.mode = 'refuses';
		await Promise.all(Array.from({ length: 200 }, () => open1.append(block(3))));
		sink.mode = 'cramped';
		expect(await open1.drain(15_000)).toBe(true);
		expect(sink.spanIds()).toHaveLength(1_200);
	});

	test('is asked first: a batch that was stored before memory ran out is not stored again in halves', async () => {
		const open1 = await afterOutage('cramped', 20, { sink: inTurn('cramped', 'cramped-late') });
		expect(await open1.drain(5_000)).toBe(true);
		expect(sink.largest).toBeGreaterThan(8);
		expect(sink.spanIds()).toHaveLength(60);
		expect(open1.state().surprises).toBe(0);
	});

	test('is tried again with the whole batch before it is halved', async () => {
		const open1 = await afterOutage('cramped', 4, { sink: inTurn('cramped', 'works') });
		expect(await open1.drain(5_000)).toBe(true);
		expect(sink.largest).toBe(12);
	});

	describe('for a single request', () => {
		const patience = { tries: 2, againMs: { first: 1, last: 5 } };
		/** The larger one has no chance before there is memory. */
		const withLarge = async (options: Partial<SpoolOptions> = {}) => {
			const open1 = await open({ patience, ...options });
			sink.mode = 'cramped';
			await open1.append(block(9));
			await expect.poll(() => open1.state().postponed).toMatchObject({ records: 1, spans: 9 });
			return open1;
		};

		test('gets what follows meanwhile, and the request once it has memory', async () => {
			const open1 = await withLarge();
			for (let request = 0; request < 10; request += 1) await open1.append(block(3));
			await expect.poll(() => sink.spanIds()).toHaveLength(30);
			const reason = 'memory limit exceeded';
			expect(open1.state()).toMatchObject({
				records: 1,
				spans: 9,
				storedSpans: 30,
				postponed: { records: 1, spans: 9, reason },
				quarantine: { records: 0 },
			});
			sink.mode = 'works';
			expect(await open1.drain(5_000)).toBe(true);
			expect(new Set(sink.spanIds()).size).toBe(39);
			expect(sink.spanIds()).toHaveLength(39);
			const postponed = { records: 0, spans: 0, reason: undefined };
			expect(open1.state()).toMatchObject({ records: 0, storedSpans: 39, surprises: 0, postponed });
		});

		test('counts what came with it once, and that as stored at once', async () => {
			sink.mode = 'refuses';
			const open1 = await open({ patience });
			await Promise.all([block(3), block(9), block(2)].map((one) => open1.append(one)));
			sink.mode = 'cramped';
			await expect.poll(() => open1.state().postponed.spans).toBe(9);
			const { inserts } = sink;
			await expect.poll(() => sink.inserts).toBeGreaterThan(inserts + 2);
			expect(open1.state()).toMatchObject({ records: 1, spans: 9, storedSpans: 5 });
			sink.mode = 'works';
			expect(await open1.drain(5_000)).toBe(true);
			expect(open1.state()).toMatchObject({ records: 0, spans: 0, storedSpans: 14 });
			expect(sink.spanIds()).toHaveLength(14);
		});

		test('goes on asking about it when nothing else comes, and keeps its segment until it is stored', async () => {
			const open1 = await withLarge({ segmentBytes: 500 });
			for (let request = 0; request < 8; request += 1) await open1.append(block(3));
			await expect.poll(() => open1.state().spans).toBe(9);
			await expect.poll(() => segments().length).toBeLessThanOrEqual(2);
			expect(segments()[0]).toBe('0000000001.seg');
			const { inserts } = sink;
			await expect.poll(() => sink.inserts).toBeGreaterThan(inserts + 3);
			sink.mode = 'works';
			expect(await open1.drain(5_000)).toBe(true);
			await expect.poll(() => segments()[0]).not.toBe('0000000001.seg');
		});

		test('is no store that is behind: answers are not held back, and only deletions wait for it', async () => {
			let now = 1_000_000;
			const open1 = await withLarge({ clock: () => now });
			now += 5_000;
			await open1.append(block(1));
			await expect.poll(() => open1.state().spans).toBe(9);
			expect(open1.state()).toMatchObject({ holdMs: 0, heldMs: 0, oldestAgeMs: undefined, watermarkMs: now });
			expect(open1.state().storedUpToMs).toBeLessThanOrEqual(1_000_000);
			sink.mode = 'works';
			expect(await open1.drain(5_000)).toBe(true);
			expect(open1.state().storedUpToMs).toBe(now);
		});

		test('is asked about what it may have of it after a restart', async () => {
			const open1 = await withLarge();
			await open1.append(block(3));
			await expect.poll(() => sink.spanIds()).toHaveLength(3);
			await open1.close(5_000);
			sink.mode = 'works';
			const open2 = await open({ patience });
			expect(await open2.drain(5_000)).toBe(true);
			expect(sink.spanIds()).toHaveLength(12);
			expect(new Set(sink.spanIds()).size).toBe(12);
		});

		test('has it set aside after a while in which it stored others, and not before', async () => {
			const open1 = await withLarge({ patience: { ...patience, mostMs: 20 } });
			const { inserts } = sink;
			await new Promise((resolve) => setTimeout(resolve, 30));
			await expect.poll(() => sink.inserts).toBeGreaterThan(inserts + 3);
			expect(open1.state().quarantine.records).toBe(0);
			await open1.append(block(1));
			expect(await open1.drain(5_000)).toBe(true);
			expect(sink.spanIds()).toHaveLength(1);
			expect(open1.state()).toMatchObject({
				storedSpans: 1,
				postponed: { records: 0 },
				quarantine: { records: 1, spans: 9 },
			});
		});

		test.each([
			['is set aside soon after a restart when it had waited for long enough before it', 3_600_001, 1],
			['waits on after a restart before that', 1_800_000, 0],
		])('%s', async (_, laterMs, setAside) => {
			let nowMs = Date.now();
			const clock = () => nowMs;
			const open1 = await withLarge({ clock });
			await open1.append(block(3));
			expect(open1.state().quarantine.records).toBe(0);
			await open1.close(5_000);
			nowMs += laterMs;
			// Whatever of the log was written anew at the start knows it, too.
			await (await open({ patience, clock })).close(5_000);
			const open3 = await open({ patience, clock });
			await expect.poll(() => open3.state().postponed.records + open3.state().quarantine.records).toBe(1);
			await open3.append(block(1));
			await expect.poll(() => sink.spanIds()).toHaveLength(4);
			const { inserts } = sink;
			await expect.poll(() => open3.state().quarantine.records === 1 || sink.inserts > inserts + 5).toBe(true);
			expect(open3.state().quarantine.records).toBe(setAside);
		});

		test('holds everything up once too many of them wait: then it is memory for anything that is lacking', async () => {
			const open1 = await withLarge({ patience: { ...patience, mostBatches: 2 } });
			await open1.append(block(9));
			await expect.poll(() => open1.state().postponed.records).toBe(2);
			await open1.append(block(9));
			await expect.poll(() => open1.state().storeFailure?.reason).toBe('memory limit exceeded');
			await open1.append(block(1));
			expect(await open1.drain(50)).toBe(false);
			expect(open1.state()).toMatchObject({ records: 4, postponed: { records: 2 }, storedSpans: 0 });
			sink.mode = 'works';
			expect(await open1.drain(5_000)).toBe(true);
			expect(sink.spanIds()).toHaveLength(28);
		});
	});
});

describe('parts of the store', () => {
	let parts = 0;
	const limits = { slow: 6, pause: 9, askEveryMs: 0 };
	const counting = (): SpoolOptions['sink'] => ({ ...sink.connect(() => true), mostParts: async () => parts });

	test('are few: nothing waits for them', async () => {
		parts = 6;
		const open1 = await open({ sink: counting(), parts: limits, lingerMs: 1 });
		await open1.append(block(1));
		expect(await open1.drain(5_000)).toBe(true);
		expect(open1.state().pressure).toEqual({ parts: 6, distanceMs: 0, isPaused: false });
	});

	test('are many: inserts are further and further apart, and as close as ever when they are fewer', async () => {
		parts = 7;
		const open1 = await open({ sink: counting(), parts: limits, lingerMs: 1 });
		const distances: number[] = [];
		for (let request = 0; request < 5; request += 1) {
			await open1.append(block(1));
			expect(await open1.drain(5_000)).toBe(true);
			distances.push(open1.state().pressure.distanceMs);
			if (request === 2) parts = 1;
		}
		expect(distances).toEqual([2, 4, 8, 4, 2]);
	});

	test('are too many: nothing is inserted until they are fewer, and closing does not wait for that', async () => {
		parts = 10;
		const open1 = await open({ sink: counting(), parts: limits, lingerMs: 1 });
		await open1.append(block(1));
		await expect.poll(() => open1.state().pressure).toMatchObject({ parts: 10, isPaused: true });
		expect(await open1.drain(50)).toBe(false);
		expect(sink.inserts).toBe(0);
		parts = 3;
		expect(await open1.drain(5_000)).toBe(true);
		parts = 10;
		await open1.append(block(1));
		await expect.poll(() => open1.state().pressure.isPaused).toBe(true);
		await open1.close(5_000);
		parts = 0;
		const open2 = await open({ sink: counting(), parts: limits });
		expect(await open2.drain(5_000)).toBe(true);
		expect(sink.spanIds()).toHaveLength(2);
	});

	test('that it can not say hold up nothing', async () => {
		const to = sink.connect(() => true);
		const mostParts = () => Promise.reject(new Error('the store is away'));
		const open1 = await open({ sink: { ...to, mostParts }, parts: limits });
		await open1.append(block(1));
		expect(await open1.drain(5_000)).toBe(true);
		expect(open1.state().pressure).toEqual({ parts: undefined, distanceMs: 0, isPaused: false });
	});
});

test('a store with too many parts is left alone for a while, and closing does not wait for that', async () => {
	const open1 = await open({ backoffMs: { first: 1, last: 5, pressure: 3_600_000 } });
	sink.mode = 'crowded';
	await open1.append(block(1));
	await expect.poll(() => open1.state().storeFailure?.reason).toBe('too many parts');
	sink.mode = 'works';
	expect(await open1.drain(100)).toBe(false);
	expect(sink.inserts).toBe(1);
	await open1.close(5_000);
	expect((await open()).state().records).toBe(1);
});

test('how fast it fills and drains is measured; what is left is reckoned while the store takes nothing', async () => {
	let nowMs = 1_000_000;
	const open1 = await open({ clock: () => nowMs, maxBytes: 100_000 });
	await open1.append(block(50));
	expect(await open1.drain(5_000)).toBe(true);
	nowMs += 10_000;
	const calm = open1.state();
	expect(calm.fillBytesPerSecond).toBeGreaterThan(0);
	expect(calm).toMatchObject({ drainBytesPerSecond: calm.fillBytesPerSecond, fullInMs: undefined });
	sink.mode = 'refuses';
	const before = open1.state().bytes;
	await open1.append(block(50));
	await expect.poll(() => open1.state().storeFailure).toBeDefined();
	nowMs += 10_000;
	const away = open1.state();
	const appended = (away.bytes - before) / 20;
	expect(away.drainBytesPerSecond).toBe(0);
	// Two requests of nearly the same size, in 20 seconds.
	expect(away.fillBytesPerSecond / (2 * appended)).toBeCloseTo(1, 1);
	expect(away.fullInMs).toBe(Math.round(((100_000 - away.bytes) * 1_000) / away.fillBytesPerSecond));
	sink.mode = 'works';
	expect(await open1.drain(5_000)).toBe(true);
	expect(open1.state().fullInMs).toBeUndefined();
});

test('what waits at the end is there at the next start', async () => {
	const first = await open();
	sink.mode = 'refuses';
	await first.append(block(4));
	await first.close(50);
	sink.mode = 'works';
	const second = await open();
	expect(second.state().src).toBe(first.state().src);
	expect(await second.drain(5_000)).toBe(true);
	expect(sink.spanIds()).toHaveLength(4);
});

test('a full spool refuses with the time to come back, at once, and takes again when it has drained', async () => {
	const open1 = await open({ maxBytes: 6_000, segmentBytes: 1_500 });
	sink.mode = 'refuses';
	const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => open1.append(block(2))));
	const refusals = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
	expect(refusals.length).toBeGreaterThan(5);
	expect(refusals[0]).toMatchObject({ status: 503, code: 'SPOOL_FULL' });
	expect((refusals[0] as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(500);
	expect(open1.state().bytes).toBeLessThanOrEqual(6_000);
	expect(open1.state().refused).toEqual({ requests: refusals.length, spans: refusals.length * 2 });
	sink.mode = 'works';
	expect(await open1.drain(5_000)).toBe(true);
	await expect.poll(() => open1.state().bytes).toBeLessThan(3_000);
	expect(await open1.append(block(1))).toBe('stored');
	await open1.drain(5_000);
	expect(sink.spanIds()).toHaveLength((30 - refusals.length) * 2 + 1);
});

test('a disk that is nearly full refuses before it is full', async () => {
	const open1 = await open({ minFreeBytes: 2 ** 60 });
	await expect(open1.append(block(1))).rejects.toMatchObject({ code: 'SPOOL_FULL', status: 503 });
});

test('a spool is ready when it would take a request, and has room for more than that', async () => {
	const roomy = await open({ maxBytes: 100_000, segmentBytes: 12_000 });
	await roomy.checkReady();
	sink.mode = 'refuses';
	while (roomy.state().bytes <= 80_000) await roomy.append(block(2));
	await expect(roomy.checkReady()).rejects.toMatchObject({ code: 'SPOOL_FULL', status: 503 });
	sink.mode = 'works';
	await expect.poll(() => roomy.checkReady().then(() => 'ready', () => 'full')).toBe('ready'); // prettier-ignore
	await roomy.close();
	await expect(roomy.checkReady()).rejects.toMatchObject({ code: 'SPOOL_UNAVAILABLE' });
	const nearlyFull = await open({ minFreeBytes: 2 ** 60 });
	await expect(nearlyFull.checkReady()).rejects.toMatchObject({
		code: 'SPOOL_FULL',
		message: expect.stringContaining('the disk is full'),
	});
});

test('many requests share one sync', async () => {
	let syncs = 0;
	const open1 = await open({
		crash: async (point) => {
			if (point === 'before_sync') syncs += 1;
		},
	});
	await Promise.all(Array.from({ length: 200 }, () => open1.append(block(1))));
	expect(syncs).toBeLessThan(20);
});

describe('retries of senders', () => {
	const print = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);

	test('a request that comes again is answered as a duplicate, also after a restart and after its segment is gone', async () => {
		const first = await open({ segmentBytes: 500 });
		expect(await first.append(block(2), print(1))).toBe('stored');
		expect(await first.append(block(2), print(1))).toBe('duplicate');
		expect(await first.append(block(2), print(2))).toBe('stored');
		await first.drain(5_000);
		await first.close();
		const second = await open();
		expect(await second.append(block(2), print(1))).toBe('duplicate');
		expect(await second.append(block(2), print(2))).toBe('duplicate');
		expect(await second.append(block(2), print(3))).toBe('stored');
		expect(second.state().duplicates).toBe(2);
		await second.drain(5_000);
		expect(sink.spanIds()).toHaveLength(6);
	});

	test('two at the same time are one', async () => {
		const open1 = await open();
		const both = await Promise.all([open1.append(block(2), print(1)), open1.append(block(2), print(1))]);
		expect(both).toEqual(['stored', 'duplicate']);
	});

	test('after ten minutes a request is a new one', async () => {
		let nowMs = 1_800_000_000_000;
		const open1 = await open({ clock: () => nowMs, segmentBytes: 1 });
		await open1.append(block(1), print(1));
		nowMs += 590_000;
		expect(await open1.append(block(1), print(1))).toBe('duplicate');
		nowMs += 90_000;
		await open1.append(block(1), print(2));
		await expect.poll(() => open1.state().fingerprints.remembered).toBe(1);
		expect(await open1.append(block(1), print(1))).toBe('stored');
	});

	test('beyond their bound the oldest are forgotten, and counted', async () => {
		let nowMs = 1_800_000_000_000;
		const open1 = await open({ clock: () => nowMs, maxFingerprints: 3, segmentBytes: 1 });
		for (let request = 1; request <= 6; request += 1) {
			await open1.append(block(1), print(request));
			nowMs += 61_000;
		}
		await expect.poll(() => open1.state().fingerprints).toEqual({ remembered: 3, forgottenEarly: 3 });
		expect(await open1.append(block(1), print(6))).toBe('duplicate');
		expect(await open1.append(block(1), print(1))).toBe('stored');
	});
});

describe('poison', () => {
	test('the guilty record is set aside with its reason, and everything else is stored', async () => {
		const open1 = await open();
		sink.mode = 'refuses';
		await Promise.all(
			Array.from({ length: 20 }, (_, request) => open1.append(block(2, request === 13 ? 'poison' : 'GET /'))),
		);
		sink.mode = 'works';
		expect(await open1.drain(5_000)).toBe(true);
		expect(sink.spanIds()).toHaveLength(38);
		expect(open1.state().quarantine).toMatchObject({ records: 1, spans: 2 });
		expect(readdirSync(join(folder, 'quarantine'))).toEqual(['1-14.quarantine']);
		// Halves, not one after the other.
		expect(sink.inserts).toBeLessThan(20);
	});

	test('what finds no room in quarantine stays in its segment, and holds nothing up', async () => {
		const first = await open({ maxQuarantineBytes: 10 });
		await first.append(block(2, 'poison'));
		await expect.poll(() => sink.inserts).toBeGreaterThan(0);
		await first.append(block(3));
		await expect.poll(() => sink.spanIds().length).toBe(3);
		expect(first.state()).toMatchObject({ records: 1, quarantine: { records: 0 } });
		await first.close();
		const second = await open();
		expect(await second.drain(5_000)).toBe(true);
		expect(second.state().quarantine.records).toBe(1);
		expect(sink.spanIds()).toHaveLength(3);
	});
});

describe('taking traces out', () => {
	test('once released, nothing that is stored is on the disk any more, and the spool goes on', async () => {
		const open1 = await open();
		await Promise.all([open1.append(block(2)), open1.append(block(3))]);
		expect(await open1.drain(5_000)).toBe(true);
		const segments = () => readdirSync(folder).filter((name) => name.endsWith('.seg'));
		expect(segments()).toHaveLength(1);
		await open1.release(5_000);
		expect(segments()).toEqual([]);
		await Promise.all([open1.append(block(1)), open1.release(5_000), open1.append(block(1))]);
		expect(await open1.drain(5_000)).toBe(true);
		expect(sink.spanIds()).toHaveLength(7);
	});

	test('a record that was set aside goes when it holds one of the traces; what nobody can read is counted', async () => {
		const open1 = await open();
		for (const name of ['poison', 'GET /', 'poison']) await open1.append(block(2, name));
		expect(await open1.drain(5_000)).toBe(true);
		await open1.close();
		writeFileSync(join(folder, 'quarantine', '7-at-64.quarantine'), '{"spans":0}\nnoise');
		const open2 = await open();
		expect(open2.state().quarantine.records).toBe(3);
		const seen: number[] = [];
		const first = (found: SpanBlock): boolean => seen.push(found.rows) === 1;
		expect(await open2.removeSetAside(first)).toEqual({ records: 1, spans: 2, unreadable: 1 });
		expect(seen).toEqual([2, 2]);
		expect(open2.state().quarantine.records).toBe(2);
		expect(readdirSync(join(folder, 'quarantine'))).toHaveLength(2);
	});
});

describe('a disk that fails', () => {
	test('a write without room is answered 503, nothing of it is kept, and the next one goes through', async () => {
		const world = new SpoolWorld(seededRandom(3));
		await world.open();
		world.send({ spans: 1 });
		await world.pass(20);
		world.disk.faults.writes = 1;
		const refused = world.send({ spans: 5 });
		await world.pass(20);
		expect(refused.outcome).toBe('refused');
		expect(world.spool.state()).toMatchObject({ refused: { requests: 1, spans: 5 } });
		expect(world.spool.state().writeFailure).toContain('ENOSPC');
		await expect(world.spool.checkReady()).rejects.toMatchObject({ status: 503, code: 'SPOOL_UNAVAILABLE' });
		const taken = world.send({ spans: 2 });
		await world.pass(20);
		expect(taken.outcome).toBe('acknowledged');
		expect(world.spool.state().writeFailure).toBeUndefined();
		await world.heal();
		expect(world.broken()).toEqual([]);
	});

	test('after a failed sync the segment is left, and never synced again', async () => {
		const world = new SpoolWorld(seededRandom(4));
		await world.open();
		world.sink.mode = 'refuses';
		world.send({ spans: 1 });
		await world.pass(20);
		world.disk.faults.syncs = 1;
		const refused = world.send({ spans: 5 });
		await world.pass(20);
		const taken = world.send({ spans: 2 });
		await world.pass(20);
		expect([refused.outcome, taken.outcome]).toEqual(['refused', 'acknowledged']);
		expect(world.disk.paths().filter((path) => path.endsWith('.seg'))).toHaveLength(2);
		world.die(true);
		await world.heal();
		expect(world.broken()).toEqual([]);
	});

	test('a spool opens on a disk that takes nothing, and works when it does', async () => {
		const world = new SpoolWorld(seededRandom(5));
		world.disk.faults.creates = 3;
		await world.open();
		expect(world.isOpen).toBe(true);
		const refused = world.send({ spans: 1 });
		await world.pass(30);
		world.disk.faults.creates = 0;
		const taken = world.send({ spans: 1 });
		await world.pass(30);
		expect(taken.outcome).toBe('acknowledged');
		expect(refused.outcome).not.toBe('waiting');
		await world.heal();
		expect(world.broken()).toEqual([]);
	});
});

test('a batch larger than its records is not made: what came with an insert under way goes together', async () => {
	const sizes: number[] = [];
	const inner = sink.connect(() => true);
	const open1 = await open({
		batch: { maxSpans: 10, maxBytes: 1e6 },
		sink: { ...inner, insert: async (batch) => void sizes.push(batch.spans) },
	});
	await Promise.all(Array.from({ length: 12 }, () => open1.append(block(4))));
	await open1.drain(5_000);
	expect(Math.max(...sizes)).toBe(8);
	expect(sizes.reduce((total, size) => total + size, 0)).toBe(48);
});

test('with an old backlog, new spans are not the last to be stored', async () => {
	let nowMs = 1_800_000_000_000;
	const options = { clock: () => nowMs, batch: { maxSpans: 5, maxBytes: 1e6 }, segmentBytes: 5_000 };
	const first = await open(options);
	sink.mode = 'refuses';
	for (let request = 0; request < 30; request += 1) await first.append(block(5));
	await first.close(50);
	const second = await open(options);
	nowMs += 60_000;
	const fresh = block(5);
	await second.append(fresh);
	sink.mode = 'works';
	expect(await second.drain(5_000)).toBe(true);
	const place = sink.spanIds().indexOf(Buffer.from(fresh.spanId.subarray(0, 8)).toString('hex'));
	expect(place).toBeLessThan(30);
	expect(sink.spanIds()).toHaveLength(155);
});
