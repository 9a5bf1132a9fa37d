/** The columns that `groupSums` reads, as SQL. */
import { BUCKET } from '../duration-bucket.ts';

/** What is summed beside requests and errors. Where neither is, no duration is read. */
export interface Summed {
	/** The histogram of durations. */
	durations: boolean;
	/** Satisfied and tolerating requests, of spans alone: binds `apdexNano`. */
	apdex: boolean;
}

/** How a row says what it counts. */
export interface Counted {
	requests: string;
	/** Makes a row for each bucket, where a row has several. */
	eachBucket: string;
	bucket: string;
	requestsInBucket: string;
}

export const SPANS: Counted = { requests: 'weight', eachBucket: '', bucket: BUCKET, requestsInBucket: 'weight' };

/** They add up over steps, versions and services. */
export const ROLLUP_ROWS: Counted = {
	requests: 'requests',
	eachBucket: 'ARRAY JOIN buckets AS of_bucket, bucket_requests AS in_bucket',
	bucket: 'toInt32(of_bucket)',
	requestsInBucket: 'in_bucket',
};

const APDEX = [
	'sumIf(weight, error = 0 AND duration_nano <= {apdexNano:UInt64}) AS satisfied',
	'sumIf(weight, error = 0 AND duration_nano > {apdexNano:UInt64} AND duration_nano <= 4 * {apdexNano:UInt64}) AS tolerating',
];

/**
 * The sums of each group. Buckets are counted as groups of numbers and put into lists afterwards, which takes half as long as a map in
 * each group: docs/adr/0083-series-in-numbered-groups.md.
 * @param groups columns of `rows`
 * @param rows a subquery
 */
export function sumsBy(
	groups: readonly string[],
	rows: string,
	{ requests, eachBucket, bucket, requestsInBucket }: Counted,
	{ durations, apdex }: Summed,
): string {
	const by = groups.join(', ');
	const counts = (of: string): string =>
		[`sum(${of}) AS allRequests`, `sumIf(${of}, error = 1) AS errors`, ...(apdex ? APDEX : [])].join(', ');
	if (!durations) {
		const none = "CAST([], 'Array(Int32)') AS inBuckets, CAST([], 'Array(Float64)') AS bucketRequests";
		return `SELECT ${by}, ${counts(requests)}, ${none} FROM (${rows}) GROUP BY ${by}`;
	}
	const added = ['allRequests', 'errors', ...(apdex ? ['satisfied', 'tolerating'] : [])];
	return `
	SELECT ${by}, ${added.map((name) => `sum(cell.${name}) AS ${name}`).join(', ')},
		groupArray(bucket) AS inBuckets, groupArray(cell.allRequests) AS bucketRequests
	FROM (SELECT ${by}, ${bucket} AS bucket, ${counts(requestsInBucket)} FROM (${rows}) ${eachBucket} GROUP BY ${by}, bucket) AS cell
	GROUP BY ${by}`;
}
