import { expect, test } from 'vitest';
import { bucketMs, messageWaitMs } from './bucket-spans.ts';
import { dueBuckets, settlingMs } from './due-buckets.ts';

const at = (index: number): number => index * bucketMs;
const nowMs = at(100) + 1_000;
const window = { fromMs: 0, nowMs };
const starts = (counts: Map<number, number>, runs = new Map()) =>
	dueBuckets(counts, runs, window).map(({ startMs }) => startMs / bucketMs);

/** As the buckets stand after all that is due has been derived. */
function derived(counts: Map<number, number>) {
	return new Map(dueBuckets(counts, new Map(), window).map((due) => [due.startMs, due]));
}

test('what was never derived is due, newest first', () => {
	expect(starts(new Map([[at(3), 1], [at(50), 2], [at(7), 1]]))).toEqual([50, 7, 3]); // prettier-ignore
});

test('what has as many spans around it as before is not due', () => {
	const counts = new Map([[at(3), 5], [at(4), 5]]); // prettier-ignore
	expect(starts(counts, derived(counts))).toEqual([]);
});

test('a late span makes every bucket due that looks into its own', () => {
	const counts = new Map(Array.from({ length: 40 }, (_, index) => [at(index), 5]));
	const runs = derived(counts);
	const late = new Map(counts).set(at(10), 6);
	expect(starts(late, runs)).toEqual(
		Array.from({ length: messageWaitMs / bucketMs + 2 }, (_, index) => 9 + index).toReversed(),
	);
});

test('spans that were dropped are no reason: what was derived outlives them', () => {
	const counts = new Map([[at(3), 5], [at(4), 5]]); // prettier-ignore
	const runs = derived(counts);
	expect(starts(new Map([[at(4), 5]]), runs)).toEqual([]);
	expect(starts(new Map(), runs)).toEqual([]);
});

test('a bucket whose calls waited for answers is derived again, in steps and when it is over', () => {
	const counts = new Map([[at(99), 5]]);
	const settled = (agoMs: number) => new Map([[at(99), { seen: 5, settledMs: nowMs - settlingMs - agoMs }]]);
	expect(starts(counts, settled(5_000))).toEqual([]);
	expect(starts(counts, settled(25_000))).toEqual([99]);
	const over = new Map([[at(98), { seen: 5, settledMs: at(99) - 1 }]]);
	expect(starts(new Map([[at(98), 5]]), over)).toEqual([98]);
	expect(starts(new Map([[at(98), 5]]), new Map([[at(98), { seen: 5, settledMs: at(99) }]]))).toEqual([]);
});

test('nothing before the window is looked at', () => {
	expect(dueBuckets(new Map([[at(3), 1], [at(5), 1]]), new Map(), { fromMs: at(4), nowMs }).map((due) => due.startMs)).toEqual([at(5)]); // prettier-ignore
});

test('what is made when a bucket is over waits until late spans have come, and looks back alone', () => {
	const over = { isMadeWhenOver: true };
	const startsOver = (counts: Map<number, number>, runs = new Map()) =>
		dueBuckets(counts, runs, window, over).map(({ startMs }) => startMs / bucketMs);
	const counts = new Map([[at(97), 1], [at(98), 2], [at(99), 3], [at(100), 4]]); // prettier-ignore
	expect(startsOver(counts)).toEqual([98, 97]);
	const due = dueBuckets(counts, new Map(), window, over);
	expect(due.map(({ own, seen }) => [own, seen])).toEqual([[2, 3], [1, 1]]); // prettier-ignore
	const runs = new Map(due.map((bucket) => [bucket.startMs, bucket]));
	expect(startsOver(new Map(counts).set(at(99), 9), runs)).toEqual([]);
	expect(startsOver(new Map(counts).set(at(97), 2), runs)).toEqual([98, 97]);
	expect(startsOver(new Map(counts).set(at(97 - messageWaitMs / bucketMs), 1), runs)).toEqual([97, 85]);
	expect(dueBuckets(counts, new Map(), window, { ...over, maxSpans: 1 }).map(({ own }) => own)).toEqual([1]);
});
