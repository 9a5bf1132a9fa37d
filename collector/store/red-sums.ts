import type { Red } from '../../schema/api.ts';
import { quantileNano } from '../../schema/histogram.ts';

/** `bucketOf` of schema/histogram.ts in SQL. */
export const BUCKET = 'toInt32(if(duration_nano <= 1, -1, ceil(log2(greatest(duration_nano, 1)) * 32) - 1))';

/** The sums of a group: all of them add up over steps and services. */
export const SUMS = `
	(sumMap([${BUCKET}], [weight]) AS histogram).1 AS buckets, histogram.2 AS bucketRequests,
	sum(weight) AS requests, sumIf(weight, error = 1) AS errors, sum(weight * duration_nano) AS totalNano, count() AS spans`;

/** One row's `SUMS`. */
export interface GroupSums {
	buckets: ArrayLike<number>;
	bucketRequests: ArrayLike<number>;
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

	add(sums: GroupSums): void {
		this.requests += sums.requests;
		this.errors += sums.errors;
		this.totalNano += sums.totalNano;
		this.spans += sums.spans;
		for (let index = 0; index < sums.buckets.length; index += 1) {
			const bucket = sums.buckets[index] ?? 0;
			this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + (sums.bucketRequests[index] ?? 0));
		}
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
