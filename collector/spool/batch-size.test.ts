import { expect, test } from 'vitest';
import { spanBlock } from '../../test/support/span-block.ts';
import { BatchSize } from './batch-size.ts';
import { MemoryError } from './batch-sink.ts';
import type { BatchSink } from './batch-sink.ts';
import { storeBatch } from './store-batch.ts';

const storedTimes = (size: BatchSize, times: number): void => {
	for (let batch = 0; batch < times; batch += 1) size.stored();
};

test('a store without memory gets batches as small as it took, and larger ones again when some have passed', () => {
	const size = new BatchSize({ maxSpans: 100, maxBytes: 1_001 });
	expect(size.limits()).toEqual({ maxSpans: 100, maxBytes: 1_001 });
	size.stored(2);
	expect(size.limits()).toEqual({ maxSpans: 25, maxBytes: 251 });
	size.stored();
	expect(size.limits().maxSpans).toBe(25);
	size.stored();
	expect(size.limits().maxSpans).toBe(50);
	storedTimes(size, 2);
	expect(size.limits()).toEqual({ maxSpans: 100, maxBytes: 1_001 });
	storedTimes(size, 100);
	expect(size.limits().maxSpans).toBe(100);
});

test('each try in vain makes the next one later, up to a bound, until one is not in vain', () => {
	const size = new BatchSize({ maxSpans: 100, maxBytes: 100 });
	size.stored(1);
	const waits = Array.from({ length: 6 }, () => {
		let stored = 0;
		while (size.limits().maxSpans < 100 && stored < 1_000) {
			size.stored();
			stored += 1;
		}
		size.stored(1);
		return stored;
	});
	expect(waits).toEqual([2, 4, 8, 16, 16, 16]);
	storedTimes(size, 16);
	size.stored();
	size.stored(1);
	storedTimes(size, 2);
	expect(size.limits().maxSpans).toBe(100);
});

test('however often it is halved, something is sent', () => {
	const size = new BatchSize({ maxSpans: 12, maxBytes: 100 });
	for (let times = 0; times < 50; times += 1) size.stored(3);
	expect(size.limits()).toEqual({ maxSpans: 1, maxBytes: 1 });
});

/**
 * A backlog of 100,000 requests of a span, at most 1,000 in a batch, before a store that has memory for so many spans at once.
 * @param fits by how much is stored already
 */
async function drained(fits: (done: number) => number): Promise<{ refused: number; stored: number }> {
	const backlog = 100_000;
	const span = {
		traceId: '1'.repeat(32),
		spanId: '1'.repeat(16),
		startUnixNano: 0n,
		endUnixNano: 1_800_000_000_000_000_000n,
	};
	const block = spanBlock([span]);
	const size = new BatchSize({ maxSpans: 1_000, maxBytes: Infinity });
	const inserts = { refused: 0, stored: 0 };
	for (let done = 0; done < backlog;) {
		const there = new Map<number, number>();
		const sink: BatchSink = {
			insert: async ({ batch, spans }) => {
				inserts[spans > fits(done) ? 'refused' : 'stored'] += 1;
				if (spans > fits(done)) throw new MemoryError('memory limit exceeded');
				there.set(batch, spans);
			},
			countStored: async (_, { first, last }) =>
				[...there].reduce((sum, [batch, spans]) => (batch >= first && batch <= last ? sum + spans : sum), 0),
		};
		const [first, last] = [done + 1, Math.min(backlog, done + size.limits().maxSpans)];
		const records = Array.from({ length: last - done }, (_, at) => ({ id: first + at, block }));
		let halvings = 0;
		const guilty = await storeBatch(records, {
			sink,
			src: 's',
			first,
			last,
			isRepeated: false,
			async persist(step) {
				for (let attempt = 0; ; attempt += 1) {
					try {
						return await step(attempt);
					} catch (error) {
						if (!(error instanceof MemoryError)) throw error;
					}
				}
			},
			onSurprise: (what) => expect.unreachable(what),
			onHalved: (_, times) => (halvings = Math.max(halvings, times)),
		});
		expect([guilty, [...there.values()].reduce((sum, spans) => sum + spans, 0)]).toEqual([[], records.length]);
		size.stored(halvings);
		done = last;
	}
	return inserts;
}

// Where batches were halved for each part of one that was refused, and grew after sixteen: 104 and 848, 20 and 247, 1,256 and 2,740.
test.each([
	['an eighth of a batch', () => 125, { refused: 96, stored: 800 }],
	['an eighth, and for all once a tenth is stored', (done: number) => (done < 10_000 ? 125 : Infinity), { refused: 16, stored: 173 }], // prettier-ignore
	['two spans, and for all once a twentieth is stored', (done: number) => (done < 5_000 ? 2 : Infinity), { refused: 244, stored: 2_637 }], // prettier-ignore
])('inserts of a backlog into a store with memory for %s', async (_, fits, inserts) => {
	expect(await drained(fits)).toEqual(inserts);
});
