import { expect, test } from 'vitest';
import { repeatedBelow, repeatPattern, repeatsPerRequest, savedNano, sumOfRepeats } from './query-repeats.ts';
import type { RepeatableCall } from './query-repeats.ts';

const MS = 1e6;
/** So many calls of 20 ms, one every so many milliseconds. */
const calls = (traceId: string, parentSpanId: string, count: number, everyMs = 20): RepeatableCall[] =>
	Array.from({ length: count }, (_, index) => ({
		traceId,
		parentSpanId,
		service: 'cart',
		startNano: index * everyMs * MS,
		durationNano: 20 * MS,
		caller: { spanId: `${traceId} request`, operation: 'GET /cart' },
	}));

test('five calls below one span that take 50 ms together repeat; fewer, shorter or without a parent don’t', () => {
	expect(repeatedBelow(calls('a', 'p', 5))).toMatchObject([{ repeats: 5, busyNano: 100 * MS, totalNano: 100 * MS }]);
	expect(repeatedBelow(calls('a', 'p', 4))).toEqual([]);
	expect(repeatedBelow(calls('a', '0000000000000000', 9))).toEqual([]);
	// All at once: 20 ms of time, however many.
	expect(repeatedBelow(calls('a', 'p', 9, 0))).toEqual([]);
	expect(repeatedBelow([...calls('a', 'p', 3), ...calls('b', 'p', 3)])).toEqual([]);
});

test('repeats of one request are added up over its spans, and told by nearest rank', () => {
	const below = repeatedBelow([
		...calls('a', 'p', 5),
		...calls('a', 'q', 7),
		...calls('b', 'p', 6),
		...calls('c', 'p', 30),
	]);
	expect(sumOfRepeats(below)).toEqual({ parents: 4, calls: 48, mostRepeats: 30, busyNano: 48 * 20 * MS });
	// Of n calls one after the other, all but one are saved.
	expect(repeatsPerRequest(below)).toEqual([
		{ service: 'cart', operation: 'GET /cart', requests: 3, p50Repeats: 12, p95Repeats: 30, mostRepeats: 30, p50SavedNano: 10 * 20 * MS },
	]); // prettier-ignore
	expect(sumOfRepeats([])).toBeNull();
	expect(repeatsPerRequest([])).toEqual([]);
});

test('what one call in place of many saves', () => {
	expect(savedNano({ repeats: 5, busyNano: 100, totalNano: 100 })).toBe(80);
	expect(savedNano({ repeats: 4, busyNano: 10, totalNano: 400 })).toBe(0);
});

test('calls side by side, taking turns, and one after the other', () => {
	const one = { repeats: 6, totalNano: 100, busyNano: 100, firstStartNano: 0, lastStartNano: 90, otherStartsNano: [] };
	expect(repeatPattern(one)).toBe('sequential');
	expect(repeatPattern({ ...one, totalNano: 121 })).toBe('parallel');
	expect(repeatPattern({ ...one, otherStartsNano: [10, 20, 30] })).toBe('interleaved');
	expect(repeatPattern({ ...one, otherStartsNano: [10, 20, 95] })).toBe('sequential');
});
