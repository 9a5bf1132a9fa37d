import { expect, test } from 'vitest';
import { bucketMiddleNano } from '../../../schema/histogram.ts';
import { RedSums } from './red-sums.ts';

const counted = (buckets: readonly number[], requests: readonly number[]) => ({
	buckets,
	bucketRequests: requests,
	requests: requests.reduce((sum, n) => sum + n, 0),
	errors: 1,
	totalNano: 10,
	spans: buckets.length,
	satisfied: 0,
	tolerating: 0,
});

// Out of order, a bucket twice, from no duration at all to the longest that 64 bits hold, growing both ways.
const rows = [
	counted([640, 641, 640], [1, 2, 3]),
	counted([], []),
	counted([703, 610], [0.5, 4]),
	counted([2_047, -1], [1, 2]),
	counted([640, 32, 31], [5, 1, 1]),
];

test('histograms that are added up say of each bucket what a plain list of it does', () => {
	const sums = new RedSums();
	const others = new RedSums();
	rows.forEach((row, index) => (index % 2 === 0 ? sums : others).add(row));
	sums.addSums(others);
	const plain = new Map<number, number>();
	for (const { buckets, bucketRequests } of rows) {
		buckets.forEach((bucket, index) => plain.set(bucket, (plain.get(bucket) ?? 0) + bucketRequests[index]!));
	}
	expect(sums.side()).toEqual({ spans: 10, requests: 20.5, errors: 5, buckets: plain });
});

test('quantiles are those of the nearest rank in a list of all requests', () => {
	const sums = new RedSums();
	for (const row of rows) sums.add(row);
	// In halves, because half a request is the smallest part.
	const ranked = rows
		.flatMap(({ buckets, bucketRequests }) =>
			buckets.flatMap((bucket, index) => Array.from({ length: bucketRequests[index]! * 2 }, () => bucket)),
		)
		.sort((a, b) => a - b);
	for (const q of [0.01, 0.2, 0.5, 0.9, 0.95, 0.99, 1]) {
		const bucket = ranked[Math.max(Math.ceil(q * ranked.length) - 1, 0)]!;
		expect(sums.quantileNano(q), `${q}`).toBe(Math.round(bucketMiddleNano(bucket)));
	}
	const { p50Nano, p95Nano, p99Nano } = sums.red();
	expect([p50Nano, p95Nano, p99Nano]).toEqual([0.5, 0.95, 0.99].map((q) => sums.quantileNano(q)));
});

test('of nothing there is no quantile', () => {
	expect(new RedSums().red()).toEqual({ requests: 0, errors: 0, p50Nano: null, p95Nano: null, p99Nano: null });
});
