/**
 * The OpenTelemetry exponential histogram at scale 5: 32 buckets a doubling, so a quantile is at most 1.1 % off.
 * Bucket i holds the values in (base^i, base^(i+1)] with base = 2^(1/32).
 * Source: OpenTelemetry metrics data model, "ExponentialHistogram".
 */
export const HISTOGRAM_SCALE = 5;
export const BUCKETS_PER_DOUBLING = 2 ** HISTOGRAM_SCALE;

/** Stands for durations of 0 ns, which no bucket holds. */
export const ZERO_BUCKET = -1;

/** Bucket of a duration in nanoseconds. 1 ns lies on the upper edge of bucket -1, so it is counted with zero. */
export function bucketOf(nano: number): number {
	if (nano <= 1) return ZERO_BUCKET;
	return Math.ceil(Math.log2(nano) * BUCKETS_PER_DOUBLING) - 1;
}

/** Geometric middle of a bucket: what is shown for a quantile that falls into it. */
export const bucketMiddleNano = (bucket: number): number =>
	bucket === ZERO_BUCKET ? 0 : 2 ** ((bucket + 0.5) / BUCKETS_PER_DOUBLING);

/** The bucket whose upper edge is nearest to a duration: the threshold that a histogram can count by, at most 1.1 % away. */
export const nearestEdge = (nano: number): number =>
	Math.round(Math.log2(Math.max(nano, 1)) * BUCKETS_PER_DOUBLING) - 1;

/** Upper edge of a bucket, nanoseconds. */
export const upperEdgeNano = (bucket: number): number => 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING);

/** Bucket index and how many spans (weighted) fell into it. */
export type BucketCounts = ReadonlyMap<number, number>;

/**
 * Quantiles by nearest rank, each the middle of the first bucket at which the cumulative count reaches `q` of the total.
 * Null when nothing was counted.
 * @param buckets in ascending order
 * @param counts how many there are in each
 */
export function quantilesOf(
	buckets: ArrayLike<number>,
	counts: ArrayLike<number>,
	qs: readonly number[],
): (number | null)[] {
	const upTo = new Float64Array(buckets.length);
	let total = 0;
	for (let place = 0; place < buckets.length; place += 1) {
		total += counts[place] ?? 0;
		upTo[place] = total;
	}
	return qs.map((q) => {
		if (total === 0) return null;
		const first = upTo.findIndex((seen) => seen >= q * total);
		return Math.round(bucketMiddleNano(buckets[first < 0 ? buckets.length - 1 : first] ?? ZERO_BUCKET));
	});
}

function quantilesNano(counts: BucketCounts, qs: readonly number[]): (number | null)[] {
	const buckets = Int32Array.from(counts.keys()).sort();
	return quantilesOf(
		buckets,
		Float64Array.from(buckets, (bucket) => counts.get(bucket) ?? 0),
		qs,
	);
}

/** One of them. */
export const quantileNano = (counts: BucketCounts, q: number): number | null => quantilesNano(counts, [q])[0] ?? null;

/** Those that are shown. */
export function shownQuantiles(counts: BucketCounts): Record<'p50Nano' | 'p95Nano' | 'p99Nano', number | null> {
	const [p50Nano = null, p95Nano = null, p99Nano = null] = quantilesNano(counts, [0.5, 0.95, 0.99]);
	return { p50Nano, p95Nano, p99Nano };
}
