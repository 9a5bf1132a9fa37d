import { expect, test } from 'vitest';
import { bucketOf } from '../../../schema/histogram.ts';
import { latencyBars } from './latency-bars.ts';

const point = (durations: readonly number[], failed = 0) => ({
	tMs: 0,
	buckets: durations.map(bucketOf),
	requests: durations.map(() => 1),
	errors: durations.map((_, i) => (i < failed ? 1 : 0)),
});

test('every duration is counted in the one bar that holds it, steps together', () => {
	const durations = [0, 1, 2, 900, 1_000_000, 1_048_576, 1_048_577, 5e9, 123_456_789];
	const bars = latencyBars({ points: [point(durations), point(durations, 2)] });
	expect(bars.reduce((sum, bar) => sum + bar.requests, 0)).toBe(2 * durations.length);
	expect(bars.reduce((sum, bar) => sum + bar.errors, 0)).toBe(2);
	for (const nano of durations.filter((nano) => nano > 1)) {
		const holding = bars.filter((bar) => nano > bar.fromNano && nano <= bar.toNano);
		expect(holding.map((bar) => bar.requests > 0)).toEqual([true]);
	}
	expect(bars[0]).toMatchObject({ fromNano: 0, toNano: 1, requests: 4 });
	for (const [i, bar] of bars.entries()) expect(bar.fromNano).toBe(i === 0 ? 0 : bars[i - 1]?.toNano);
});

test('there are four bars a doubling, and none without requests', () => {
	expect(latencyBars({ points: [point([1000, 2000])] })).toHaveLength(5);
	expect(latencyBars({ points: [point([])] })).toEqual([]);
});
