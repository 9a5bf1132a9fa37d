import { expect, test } from 'vitest';
import { sliceStarts } from './time-slices.ts';
import type { Finds } from './time-slices.ts';

const minuteMs = 60_000;
const window = { fromMs: 0, toMs: 1_000 * minuteMs };

/** In minutes, when each slice finds this share of the page. */
function starts(share: number, of = window, afterKey?: string, finds: Finds = {}): number[] {
	const slices = sliceStarts(of, afterKey, finds);
	const found: number[] = [];
	for (let next = slices.next(0); next.done !== true; next = slices.next(share)) found.push(next.value / minuteMs);
	return found;
}

test('slices begin a minute before the end, at five minutes of the clock, then as far back as the rest should need', () => {
	expect(starts(0.1)).toEqual([995, 925, 0]);
	expect(starts(0.5)).toEqual([995, 980, 920, 680, 0]);
});

test('where nothing is found, most of the window is looked at soon', () => {
	expect(starts(0)).toEqual([995, 880, 0]);
});

test('where nothing is found, a good part of the window is all of it, and so is any of it where there is an index', () => {
	expect(starts(0, { fromMs: 400 * minuteMs, toMs: window.toMs })).toEqual([995, 880, 400]);
	expect(starts(0, { fromMs: 600 * minuteMs, toMs: window.toMs })).toEqual([995, 600]);
	expect(starts(0.1, { fromMs: 900 * minuteMs, toMs: window.toMs })).toEqual([995, 925, 900]);
	expect(starts(0, window, undefined, { isSought: true })).toEqual([995, 0]);
	expect(starts(0.1, window, undefined, { isSought: true })).toEqual([995, 925, 0]);
});

test('of several conditions twenty minutes are read first', () => {
	expect(starts(0.1, window, undefined, { isNarrow: true })).toEqual([980, 700, 0]);
	expect(starts(0, { fromMs: 990 * minuteMs, toMs: window.toMs }, undefined, { isNarrow: true })).toEqual([990]);
});

test('a later page begins at its cursor', () => {
	expect(starts(0.5, window, String(500.5 * minuteMs))).toEqual([495, 475, 395, 75, 0]);
});

test('a window shorter than a slice is read at once', () => {
	expect(starts(0, { fromMs: 300_005, toMs: 300_010 })).toEqual([300_005 / minuteMs]);
});
