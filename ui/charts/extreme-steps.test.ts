import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { extremesOf, stepsFor } from './extreme-steps.ts';

const points = fc.array(
	fc.record({
		tMs: fc.integer({ min: -500, max: 12_000 }),
		value: fc.option(fc.integer({ min: -50, max: 50 }), { nil: null }),
	}),
	{ maxLength: 60 },
);

test('each step holds the extreme of the values that ended in it, looked for one by one', () => {
	fc.assert(
		fc.property(
			points,
			fc.integer({ min: 1, max: 40 }),
			fc.constantFrom('max' as const, 'min' as const),
			(points, most, keep) => {
				const steps = stepsFor({ fromMs: 1_000, toMs: 11_000 }, 100, most);
				expect(steps.timesMs.length).toBeLessThanOrEqual(most);
				expect(steps.stepMs % 100).toBe(0);
				expect(steps.toMs).toBeGreaterThanOrEqual(11_000);
				const brute = steps.timesMs.map((fromMs) => {
					const inside = points.filter(
						({ tMs, value }) => value !== null && tMs > fromMs && tMs <= fromMs + steps.stepMs,
					);
					const values = inside.map(({ value }) => value ?? 0);
					return values.length === 0 ? null : keep === 'max' ? Math.max(...values) : Math.min(...values);
				});
				expect(extremesOf(points, steps, keep)).toEqual(brute);
			},
		),
	);
});
