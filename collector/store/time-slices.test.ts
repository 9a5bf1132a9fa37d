import { expect, test } from 'vitest';
import { sliceStarts } from './time-slices.ts';

const minuteMs = 60_000;
const window = { fromMs: 0, toMs: 100 * minuteMs };

test('slices begin a minute before the end, then eight times further back, at last at the beginning', () => {
	expect([...sliceStarts(window, undefined)].map((startMs) => startMs / minuteMs)).toEqual([99, 92, 36, 0]);
});

test('a later page begins at its cursor', () => {
	expect([...sliceStarts(window, String(50 * minuteMs))].map((startMs) => startMs / minuteMs)).toEqual([49, 42, 0]);
});

test('a window shorter than a slice is read at once', () => {
	expect([...sliceStarts({ fromMs: 5, toMs: 10 }, undefined)]).toEqual([5]);
});
