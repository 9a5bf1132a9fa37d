import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { SpanBlock } from '../../schema/span-block.ts';
import { ModelSink, poisonName } from '../../test/support/model-sink.ts';
import type { SinkMode } from '../../test/support/model-sink.ts';
import { spanBlock } from '../../test/support/span-block.ts';
import { silentLog } from '../log.ts';
import { DirectWriter } from './direct-writer.ts';
import type { DirectWriterOptions } from './direct-writer.ts';

const hourMs = 3_600_000;
const writers: DirectWriter<SpanBlock>[] = [];
afterEach(async () => {
	await Promise.all(writers.splice(0).map((writer) => writer.close()));
});

const open = (sink: ModelSink, options: Partial<DirectWriterOptions<SpanBlock>> = {}): DirectWriter<SpanBlock> => {
	const writer = new DirectWriter<SpanBlock>({
		sink: sink.connect(() => true),
		bytesOf: ({ rows }) => rows * 100,
		log: silentLog,
		maxQueuedRows: 1_000,
		maxQueuedBytes: 1e6,
		backoffMs: { first: 0.1, last: 1, pressure: 1 },
		...options,
	});
	writers.push(writer);
	return writer;
};

let spanIds = 0;
interface BlockOptions {
	hours?: readonly number[];
	name?: string;
	project?: string;
}

const block = (spans: number, { hours = [0], name = 'GET /', project = 'default' }: BlockOptions = {}): SpanBlock =>
	spanBlock(
		Array.from({ length: spans }, (_, row) => ({
			traceId: '0af7651916cd43dd8448eb211c80319c',
			spanId: (++spanIds).toString(16).padStart(16, '0'),
			startUnixNano: 0n,
			endUnixNano: BigInt(Date.UTC(2026, 0, 1) - (hours[row % hours.length] ?? 0) * hourMs) * 1_000_000n,
			name,
		})),
		project,
	);

const idsOf = ({ spanId, rows }: SpanBlock): string[] =>
	Array.from({ length: rows }, (_, row) => Buffer.from(spanId.subarray(row * 8, row * 8 + 8)).toString('hex'));

test('an append is answered when its rows are stored, and waits while the store is away', async () => {
	const sink = new ModelSink();
	sink.mode = 'refuses';
	const writer = open(sink);
	let isAnswered = false;
	const appended = writer.append(block(3)).then(() => (isAnswered = true));
	await expect.poll(() => writer.storeFailure?.reason).toBe('the store is away');
	expect([isAnswered, writer.queuedRows, writer.rowsStored]).toEqual([false, 3, 0]);
	sink.mode = 'works';
	await appended;
	expect([sink.spanIds().length, writer.queuedRows, writer.rowsStored]).toEqual([3, 0, 3]);
	expect(writer.storeFailure).toBeUndefined();
});

test('what follows a batch for which there was no memory is as small as the parts of it that were stored', async () => {
	const sink = new ModelSink();
	sink.mode = 'cramped';
	const to = sink.connect(() => true);
	const tried: number[] = [];
	const insert: typeof to.insert = (batch) => {
		tried.push(batch.spans);
		return to.insert(batch);
	};
	const writer = open(sink, { sink: { ...to, insert }, maxQueuedRows: 10_000, maxQueuedBytes: 1e7 });
	const wave = () => Promise.all(Array.from({ length: 640 }, () => writer.append(block(3))));
	await wave();
	const before = tried.length;
	expect(Math.max(...tried)).toBeGreaterThan(1_000);
	await wave();
	expect(new Set(sink.spanIds()).size).toBe(2 * 640 * 3);
	// Halved nine or ten times: of 100,000 rows that may go into an insert.
	expect(Math.max(...tried.slice(before))).toBeLessThanOrEqual(2 * Math.ceil(100_000 / 2 ** 9));
});

test('whatever befalls inserts, what was appended is stored once', async () => {
	const mode = fc.constantFrom<SinkMode>('works', 'refuses', 'uncertain', 'cramped', 'cramped-late', 'crowded');
	const step = fc.record({
		mode,
		spans: fc.integer({ min: 1, max: 7 }),
		hours: fc.constantFrom([0], [0], [0, 5, 30]),
		project: fc.constantFrom('default', 'shop'),
		turns: fc.integer({ min: 0, max: 5 }),
	});
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
			const sink = new ModelSink();
			const writer = open(sink);
			const blocks: SpanBlock[] = [];
			const answers: Promise<void>[] = [];
			for (const { spans, turns, ...one } of steps) {
				sink.mode = one.mode;
				const next = block(spans, one);
				blocks.push(next);
				answers.push(writer.append(next));
				for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
			}
			sink.mode = 'works';
			await Promise.all(answers);
			expect(sink.spanIds().sort()).toEqual(blocks.flatMap(idsOf).sort());
			expect(writer.rowsStored).toBe(sink.spanIds().length);
			await writer.close();
		}),
		{ numRuns: 60 },
	);
});

test('rows that the store will never take are refused alone, for good', async () => {
	const sink = new ModelSink();
	sink.mode = 'refuses';
	const writer = open(sink);
	const blocks = [block(2), block(2), block(2, { name: poisonName }), block(2)];
	const answers = Promise.allSettled(blocks.map((each) => writer.append(each)));
	await expect.poll(() => writer.storeFailure?.reason).toBe('the store is away');
	sink.mode = 'works';
	const outcomes = (await answers).map((outcome) => (outcome.status === 'rejected' ? outcome.reason : outcome.status));
	const refused = expect.objectContaining({ status: 400, code: 'STORE_REFUSED' });
	expect(outcomes).toEqual(['fulfilled', 'fulfilled', refused, 'fulfilled']);
	expect([sink.spanIds().length, writer.rowsStored]).toEqual([6, 6]);
});

test('a request for which there is no memory by itself holds up the others for four tries, and its sender is told what became of it', async () => {
	const sink = new ModelSink();
	sink.mode = 'cramped';
	const writer = open(sink);
	const whole = block(9);
	// Two of its partitions have room for theirs.
	const inPart = block(20, { hours: [0, 0, 0, 5, 30] });
	const blocks = [block(2), whole, block(3), inPart, block(4)];
	const before = sink.inserts;
	const outcomes = await Promise.allSettled(blocks.map((each) => writer.append(each)));
	const told = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : outcome.status));
	const lacking = expect.objectContaining({ status: 503, code: 'STORE_LACKS_MEMORY' });
	const partly = expect.objectContaining({ status: 400, code: 'STORED_IN_PART' });
	expect(told).toEqual(['fulfilled', lacking, 'fulfilled', partly, 'fulfilled']);
	expect(sink.inserts - before).toBeLessThan(40);
	expect(sink.spanIds()).toHaveLength(2 + 3 + 4 + 8);
	// Sent again when there is memory, it is stored once.
	sink.mode = 'works';
	await writer.append(whole);
	expect(sink.spanIds().filter((id) => idsOf(whole).includes(id))).toHaveLength(9);
	expect(writer.queuedRows).toBe(0);
});

test('a full queue refuses at once, and says when to come back', async () => {
	const sink = new ModelSink();
	sink.mode = 'refuses';
	const writer = open(sink, { maxQueuedRows: 10 });
	const first = writer.append(block(12));
	await expect(writer.append(block(1))).rejects.toMatchObject({
		status: 503,
		code: 'STORE_BUSY',
		retryAfterMs: expect.any(Number),
	});
	sink.mode = 'works';
	await first;
	await writer.append(block(1));
	expect(writer.rowsStored).toBe(13);
});
