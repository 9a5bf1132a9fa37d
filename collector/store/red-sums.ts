import type { Red } from '../../schema/api.ts';
import { quantileNano, shownQuantiles } from '../../schema/histogram.ts';
import type { NativeTable } from './native-reader.ts';
import type { BucketCounts } from '../../schema/histogram.ts';

/** `bucketOf` of schema/histogram.ts in SQL. */
export const BUCKET = 'toInt32(if(duration_nano <= 1, -1, ceil(log2(greatest(duration_nano, 1)) * 32) - 1))';

const COUNTS =
	'sum(requests) AS allRequests, sumIf(requests, error = 1) AS errors, sum(total_nano) AS totalNano, sum(spans) AS allSpans';

/** Sums over rows of the rollup: all of them add up over steps, versions and services. */
export const SUMS = `
	CAST((sumMap(buckets, bucket_requests) AS histogram).1 AS Array(Int32)) AS inBuckets, histogram.2 AS bucketRequests, ${COUNTS}`;

/**
 * The same, with a bucket as often in the histogram as there are rows with it. Where few rows make a group, to add them up in
 * `RedSums` costs a tenth of what `sumMap` takes for it, and the answer is hardly longer.
 */
export const SUMS_OF_FEW = `
	CAST(groupArrayArray(buckets) AS Array(Int32)) AS inBuckets, groupArrayArray(bucket_requests) AS bucketRequests, ${COUNTS}`;

/** The same, counted from spans. */
export const SUMS_OF_SPANS = `
	(sumMap([${BUCKET}], [weight]) AS histogram).1 AS inBuckets, histogram.2 AS bucketRequests,
	sum(weight) AS allRequests, sumIf(weight, error = 1) AS errors, sum(weight * duration_nano) AS totalNano, count() AS allSpans`;

/** With `SUMS`: requests that did not fail and took no longer than a bucket, and no longer than four times that. */
export const APDEX_SUMS = `
	sumIf(arraySum((bucket, n) -> if(bucket <= {apdexBucket:Int16}, n, 0), buckets, bucket_requests), error = 0) AS satisfied,
	sumIf(arraySum((bucket, n) -> if(bucket <= {apdexBucket:Int16} + 64, n, 0), buckets, bucket_requests), error = 0)
		- satisfied AS tolerating`;

/** One row's `SUMS`. */
export interface GroupSums {
	buckets: ArrayLike<number>;
	bucketRequests: ArrayLike<number>;
	requests: number;
	errors: number;
	totalNano: number;
	spans: number;
	satisfied: number;
	tolerating: number;
}

/** The same of a row of JSON, under names that no column has. */
export interface RedRow {
	requests: number;
	failed: number;
	totalNano: number;
	counted: number;
	histogramBuckets: number[];
	histogramCalls: number[];
}

export const sumsOfRow = ({ failed, counted, histogramBuckets, histogramCalls, ...row }: RedRow): GroupSums => ({
	requests: row.requests,
	errors: failed,
	totalNano: row.totalNano,
	spans: counted,
	buckets: histogramBuckets,
	bucketRequests: histogramCalls,
	satisfied: 0,
	tolerating: 0,
});

/** The sums of each row of an answer that selected `SUMS`, and perhaps `APDEX_SUMS`. */
export function groupSums(table: NativeTable, hasApdex: boolean): (row: number) => GroupSums {
	const { ends, table: buckets } = table.nested('inBuckets');
	const bucket = buckets.numbers('items', 'int32');
	const bucketRequests = table.nested('bucketRequests').table.numbers('items', 'float64');
	const requests = table.numbers('allRequests', 'float64');
	const errors = table.numbers('errors', 'float64');
	const totalNano = table.numbers('totalNano', 'float64');
	const spans = table.numbers('allSpans', 'uint64');
	const satisfied = hasApdex ? table.numbers('satisfied', 'float64') : undefined;
	const tolerating = hasApdex ? table.numbers('tolerating', 'float64') : undefined;
	return (row) => {
		const from = row === 0 ? 0 : (ends[row - 1] ?? 0);
		return {
			buckets: bucket.subarray(from, ends[row]),
			bucketRequests: bucketRequests.subarray(from, ends[row]),
			requests: requests[row] ?? 0,
			errors: errors[row] ?? 0,
			totalNano: totalNano[row] ?? 0,
			spans: Number(spans[row] ?? 0),
			satisfied: satisfied?.[row] ?? 0,
			tolerating: tolerating?.[row] ?? 0,
		};
	};
}

/** Requests, errors and the histogram of a group under construction. */
export class RedSums {
	requests = 0;
	errors = 0;
	totalNano = 0;
	spans = 0;
	satisfied = 0;
	tolerating = 0;
	readonly #buckets = new Map<number, number>();

	add(sums: GroupSums): void {
		this.requests += sums.requests;
		this.errors += sums.errors;
		this.totalNano += sums.totalNano;
		this.spans += sums.spans;
		this.satisfied += sums.satisfied;
		this.tolerating += sums.tolerating;
		for (let index = 0; index < sums.buckets.length; index += 1) {
			const bucket = sums.buckets[index] ?? 0;
			this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + (sums.bucketRequests[index] ?? 0));
		}
	}

	/** What was added to others, too. */
	addSums(others: RedSums): void {
		const { buckets, counts } = others.#histogram();
		this.add({ ...others.#plain(), buckets, bucketRequests: counts });
	}

	#histogram(): { buckets: number[]; counts: number[] } {
		return { buckets: [...this.#buckets.keys()], counts: [...this.#buckets.values()] };
	}

	#plain(): Omit<GroupSums, 'buckets' | 'bucketRequests'> {
		const { requests, errors, totalNano, spans, satisfied, tolerating } = this;
		return { requests, errors, totalNano, spans, satisfied, tolerating };
	}

	/** `q` from 0 to 1. */
	quantileNano(q: number): number | null {
		return quantileNano(this.#buckets, q);
	}

	/** For comparisons, which need more than the quantiles. */
	side(): { spans: number; requests: number; errors: number; buckets: BucketCounts } {
		const { spans, requests, errors } = this;
		return { spans, requests, errors, buckets: this.#buckets };
	}

	red(): Red {
		return { requests: this.requests, errors: this.errors, ...shownQuantiles(this.#buckets) };
	}

	/** Satisfied requests, and half of the tolerating ones, of all; null without requests. Source: Apdex technical specification 1.1. */
	apdex(): number | null {
		return this.requests === 0 ? null : (this.satisfied + this.tolerating / 2) / this.requests;
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
