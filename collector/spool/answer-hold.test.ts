import { expect, test } from 'vitest';
import { holdMs as holdOf } from './answer-hold.ts';

const holdMs = (lagMs: number): number => holdOf(lagMs, 500);

test('answers are held back the longer, the further behind the store is, from a second on and for half a second at most', () => {
	expect([0, 999, 1_000].map(holdMs)).toEqual([0, 0, 0]);
	expect([1_400, 2_000, 2_600].map(holdMs)).toEqual([100, 250, 400]);
	expect([3_000, 3_001, 86_400_000].map(holdMs)).toEqual([500, 500, 500]);
});

test('a clock that was set back holds nothing', () => {
	expect(holdMs(-5_000)).toBe(0);
});

test('a store that has taken nothing for ten seconds is away, and holds nothing', () => {
	expect([10_000, 10_001, Infinity].map((idleMs) => holdOf(60_000, idleMs))).toEqual([500, 0, 0]);
});
