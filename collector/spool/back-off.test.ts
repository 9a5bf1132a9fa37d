import { expect, test } from 'vitest';
import { backOffMs } from './back-off.ts';
import { MemoryError, PressureError } from './batch-sink.ts';

const backOff = { first: 250, last: 30_000, pressure: 5_000 };
const waits = (failure: Error, chance: number): number[] =>
	[0, 1, 2, 6, 7, 50].map((attempt) => backOffMs(failure, attempt, backOff, chance));

test('waits double from the first to the last', () => {
	expect(waits(new Error('away'), 0.5)).toEqual([250, 500, 1_000, 16_000, 30_000, 30_000]);
	expect(waits(new MemoryError('too much'), 0.5)).toEqual([250, 500, 1_000, 16_000, 30_000, 30_000]);
});

test('a sink under pressure is left alone for a while from the first refusal on', () => {
	expect(waits(new PressureError('too many parts'), 0)).toEqual([5_000, 5_000, 5_000, 12_000, 22_500, 22_500]);
	expect(waits(new PressureError('too many parts'), 1)[0]).toBe(6_250);
});
