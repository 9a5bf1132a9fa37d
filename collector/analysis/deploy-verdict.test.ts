import { expect, test } from 'vitest';
import { bucketOf } from '../../schema/histogram.ts';
import { judgeDeploy, together } from './deploy-verdict.ts';
import type { Side } from './deploy-verdict.ts';
import { correctedZ, differenceInterval } from './share-interval.ts';

/** `slow` of the requests take a second, the others ten milliseconds. */
const side = (spans: number, errors: number, slow: number, weight = 1): Side => ({
	spans,
	requests: spans * weight,
	errors: errors * weight,
	buckets: new Map([
		[bucketOf(10_000_000), (spans - slow) * weight],
		[bucketOf(1_000_000_000), slow * weight],
	]),
});

// Python: statistics.NormalDist().inv_cdf(1 - 0.05 / 2 / n)
test.each([[1, 1.959_964], [10, 2.807_034], [100, 3.480_756], [1_000, 4.055_627]])('%i comparisons need intervals of %f', (tests, z) => {
	expect(Math.abs(correctedZ(tests) - z)).toBeLessThan(0.000_45);
}); // prettier-ignore

test('the interval of a difference is Newcombe’s, table II, method 10', () => {
	const { low, high } = differenceInterval(56, 70, 48, 80);
	expect(low).toBeCloseTo(0.0524, 4);
	expect(high).toBeCloseTo(0.3339, 4);
});

test('more errors are worse, fewer are better, and as many are the same once there are enough', () => {
	expect(judgeDeploy(side(1_000, 5, 0), side(1_000, 60, 0), 1).errors).toMatchObject({ verdict: 'worse', before: 0.005, after: 0.06 });
	expect(judgeDeploy(side(1_000, 60, 0), side(1_000, 5, 0), 1).errors.verdict).toBe('better');
	expect(judgeDeploy(side(1_000, 10, 0), side(1_000, 10, 0), 1).errors.verdict).toBe('unsure');
	expect(judgeDeploy(side(100_000, 100, 0), side(100_000, 100, 0), 1).errors.verdict).toBe('same');
}); // prettier-ignore

test('slow is what took longer than 95 of a hundred before', () => {
	const { slow, slowNano } = judgeDeploy(side(2_000, 0, 40), side(2_000, 0, 400), 1);
	expect(slow).toMatchObject({ verdict: 'worse', before: 0.02, after: 0.2 });
	expect(slowNano).toBeGreaterThan(9_900_000);
	expect(slowNano).toBeLessThan(10_100_000);
	expect(slow.low).toBeGreaterThan(0.15);
	expect(slow.high).toBeLessThan(0.21);
});

test('too few spans can’t tell, whatever they stand for', () => {
	expect(judgeDeploy(side(199, 0, 0, 1_000), side(5_000, 2_500, 0), 1).errors).toMatchObject({
		verdict: 'unsure',
		low: -1,
		high: 1,
	});
});

test('what one comparison shows may be chance among a thousand', () => {
	const [before, after] = [side(400, 4, 0), side(400, 16, 0)];
	expect(judgeDeploy(before, after, 1).errors.verdict).toBe('worse');
	expect(judgeDeploy(before, after, 1_000).errors.verdict).toBe('unsure');
});

test('a difference that is sure but tiny is not called worse', () => {
	expect(judgeDeploy(side(1_000_000, 1_000, 0), side(1_000_000, 2_000, 0), 1).errors.verdict).toBe('same');
});

test('nothing before, nothing to compare with', () => {
	expect(judgeDeploy(side(0, 0, 0), side(5_000, 0, 0), 1)).toMatchObject({
		slowNano: null,
		slow: { verdict: 'unsure', before: 0, after: 0 },
	});
});

test('one thing that is worse decides; all must be clear otherwise', () => {
	expect(together(['same', 'worse', 'unsure'])).toBe('worse');
	expect(together(['same', 'better', 'unsure'])).toBe('unsure');
	expect(together(['same', 'better'])).toBe('better');
	expect(together(['same'])).toBe('same');
	expect(together([])).toBe('unsure');
});
