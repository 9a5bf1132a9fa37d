import { expect, test } from 'vitest';
import { stepFor } from './step.ts';

test.each([
	['an hour in 60 points', 3_600_000, 60, 60_000],
	['an hour in 30 points', 3_600_000, 30, 120_000],
	['a day in 60 points', 86_400_000, 60, 1_800_000],
	['a minute in 60 points', 60_000, 60, 1_000],
	['ten years in 60 points', 3_650 * 86_400_000, 60, 61 * 86_400_000],
])('%s', (_, windowMs, points, expected) => {
	expect(stepFor(windowMs, points)).toBe(expected);
});
