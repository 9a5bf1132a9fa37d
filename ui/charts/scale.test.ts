import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stepAt, windowOfSteps } from './chart-data.ts';
import { durationTicks, largest, linePath, roundTicks, timeTicks, smallest, ticksAround } from './scale.ts';

test('ticks are round, start at 0 and reach over the largest value', () => {
	expect(roundTicks(248, 3)).toEqual([0, 100, 200, 300]);
	expect(roundTicks(0.068, 3)).toEqual([0, 0.025, 0.05, 0.075]);
	expect(roundTicks(0, 3)).toEqual([0, 1]);
	fc.assert(
		fc.property(fc.double({ min: 1e-6, max: 1e15, noNaN: true }), (max) => {
			const ticks = roundTicks(max, 3);
			expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * 0.999);
			expect(ticks.length).toBeLessThanOrEqual(5);
		}),
	);
});

test('durations above a minute get round minutes and hours', () => {
	expect(durationTicks(150e9, 3)).toEqual([0, 60e9, 120e9, 180e9]);
	expect(durationTicks(2e9, 3)).toEqual(roundTicks(2e9, 3));
});

test('time ticks are round in the zone, and say the day at midnight', () => {
	const from = Date.UTC(2026, 10, 22, 22, 10);
	const ticks = timeTicks(from, from + 4 * 3_600_000, 5, 'utc');
	expect(ticks.map((tick) => tick.label)).toEqual(['23:00', '11-23', '01:00', '02:00']);
	expect(timeTicks(5, 5, 5, 'utc')).toEqual([]);
});

// |   ●──●      ●   |   a gap where nothing was measured
test('a line breaks where nothing was measured', () => {
	const path = linePath(
		[1, 2, null, 3],
		(i) => i * 10,
		(value) => value,
	);
	expect(path.match(/M/g)).toHaveLength(2);
	expect(path).not.toContain('NaN');
	expect(largest([[1, null], [7]])).toBe(7);
});

test('a pointer finds its step, and steps their window', () => {
	const steps = { timesMs: [0, 10, 20], stepMs: 10, fromMs: 0, toMs: 30 };
	expect([0, 0.34, 0.99, 1.5, -1].map((share) => stepAt(steps, share))).toEqual([0, 1, 2, 2, 0]);
	expect(windowOfSteps(steps, 1, 2)).toEqual({ fromMs: 10, toMs: 30 });
});

test('ticks reach below 0 in the same steps, few of them however deep it goes', () => {
	expect(ticksAround(0, 1, 3, roundTicks)).toEqual(roundTicks(1, 3));
	expect(ticksAround(-1.4, 1, 3, roundTicks)).toEqual([-1.5, -1, -0.5, 0, 0.5, 1]);
	expect(ticksAround(-74, 1, 3, roundTicks)).toEqual([-75, -50, -25, 0, 25]);
	fc.assert(
		fc.property(
			fc.double({ min: -1e9, max: -1e-6, noNaN: true }),
			fc.double({ min: 0, max: 1e9, noNaN: true }),
			(min, max) => {
				const ticks = ticksAround(min, max, 3, roundTicks);
				expect(ticks).toContain(0);
				// A billionth of a step is not seen.
				const slack = ((ticks[1] ?? 0) - (ticks[0] ?? 0)) * 1e-6;
				expect(ticks[0]).toBeLessThanOrEqual(min + slack);
				expect(ticks.at(-1)).toBeGreaterThanOrEqual(max - slack);
				expect(ticks.length).toBeLessThanOrEqual(10);
			},
		),
	);
	expect([smallest([[3, null, -2], [1]]), smallest([[5]]), smallest([])]).toEqual([-2, 0, 0]);
});
