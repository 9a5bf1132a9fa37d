import type { Red } from '../../schema/api.ts';
import { quantileNano } from '../../schema/histogram.ts';

/** `bucketOf` of schema/histogram.ts in SQL. */
export const BUCKET = 'toInt32(if(duration_nano <= 1, -1, ceil(log2(greatest(duration_nano, 1)) * 32) - 1))';

/** The sums that a group's row carries: all of them add up over buckets, steps and services. */
export const SUMS = `
	${BUCKET} AS bucket,
	sum(weight) AS requests,
	sumIf(weight, error = 1) AS errors,
	sum(weight * duration_nano) AS totalNano,
	count() AS spans`;

/** One bucket's share of a group. */
export interface BucketSums {
	bucket: number;
	requests: number;
	errors: number;
	totalNano: number;
	spans: number;
}

/** Requests, errors and the histogram of a group under construction. */
export class RedSums {
	requests = 0;
	errors = 0;
	totalNano = 0;
	spans = 0;
	readonly #buckets = new Map<number, number>();

	add(sums: BucketSums): void {
		this.requests += sums.requests;
		this.errors += sums.errors;
		this.totalNano += sums.totalNano;
		this.spans += sums.spans;
		this.#buckets.set(sums.bucket, (this.#buckets.get(sums.bucket) ?? 0) + sums.requests);
	}

	red(): Red {
		return {
			requests: this.requests,
			errors: this.errors,
			p50Nano: quantileNano(this.#buckets, 0.5),
			p95Nano: quantileNano(this.#buckets, 0.95),
			p99Nano: quantileNano(this.#buckets, 0.99),
		};
	}
}

/** The sums of a map's key, made when it is first met. */
export function sumsOf<Key>(groups: Map<Key, RedSums>, key: Key): RedSums {
	const found = groups.get(key);
	if (found !== undefined) return found;
	const made = new RedSums();
	groups.set(key, made);
	return made;
}
