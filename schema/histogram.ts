/**
 * The OpenTelemetry exponential histogram at scale 5: 32 buckets a doubling, so a quantile is at most 1.1 % off.
 * Bucket i holds the values in (base^i, base^(i+1)] with base = 2^(1/32).
 * Source: OpenTelemetry metrics data model, "ExponentialHistogram".
 */
export const HISTOGRAM_SCALE = 5;
const bucketsPerDoubling = 2 ** HISTOGRAM_SCALE;

/** Stands for durations of 0 ns, which no bucket holds. */
export const ZERO_BUCKET = -1;

/** Bucket of a duration in nanoseconds. 1 ns lies on the upper edge of bucket -1, so it is counted with zero. */
export function bucketOf(nano: number): number {
	if (nano <= 1) return ZERO_BUCKET;
	return Math.ceil(Math.log2(nano) * bucketsPerDoubling) - 1;
}

/** Geometric middle of a bucket: what is shown for a quantile that falls into it. */
export const bucketMiddleNano = (bucket: number): number =>
	bucket === ZERO_BUCKET ? 0 : 2 ** ((bucket + 0.5) / bucketsPerDoubling);

/** The bucket whose upper edge is nearest to a duration: the threshold that a histogram can count by, at most 1.1 % away. */
export const nearestEdge = (nano: number): number => Math.round(Math.log2(Math.max(nano, 1)) * bucketsPerDoubling) - 1;

/** Upper edge of a bucket, nanoseconds. */
export const upperEdgeNano = (bucket: number): number => 2 ** ((bucket + 1) / bucketsPerDoubling);

/** Bucket index and how many spans (weighted) fell into it. */
export type BucketCounts = ReadonlyMap<number, number>;

/**
 * Quantile by nearest rank: the middle of the first bucket at which the cumulative count reaches `q` of the total.
 * Null when nothing was counted.
 */
export function quantileNano(counts: BucketCounts, q: number): number | null {
	const buckets = [...counts.keys()].sort((a, b) => a - b);
	let total = 0;
	for (const count of counts.values()) total += count;
	if (total === 0) return null;
	let seen = 0;
	for (const bucket of buckets) {
		seen += counts.get(bucket) ?? 0;
		if (seen >= q * total) return Math.round(bucketMiddleNano(bucket));
	}
	return Math.round(bucketMiddleNano(buckets.at(-1) ?? ZERO_BUCKET));
}
