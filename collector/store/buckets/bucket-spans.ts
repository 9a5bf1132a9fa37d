/** Parts of the statements that derive a bucket: which spans they read, how they sum. All bind `project` and `bucketMs`. */
import { BUCKET } from '../duration-bucket.ts';

/** How many milliseconds of spans are derived together; the order key of `spans` begins with the same five minutes. */
export const bucketMs = 300_000;

/** How far apart the ends of the two halves of a call may lie, before and after the bucket of the half that is counted. */
export const nearMs = 5 * 60_000;
/** A message may wait longer for who works on it. */
export const messageWaitMs = 12 * bucketMs;
/** Nor is a trace over before nothing came of it for so long; what comes later still is a trace by itself. */
export const traceWaitMs = 12 * bucketMs;

/** Spans that ended within the bucket, or up to so many milliseconds before and after it. */
export const near = (beforeMs: number, afterMs: number): string => `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({bucketMs:Int64} - ${beforeMs}, 'UTC')
	AND time < fromUnixTimestamp64Milli({bucketMs:Int64} + ${bucketMs + afterMs}, 'UTC')`;

/** The same of the traces from one id up to another, both in hexadecimal; an empty one is no bound. */
export const inBucket = (beforeMs = 0, afterMs = 0): string => `${near(beforeMs, afterMs)}
	AND ({fromTrace:String} = '' OR trace_id >= toFixedString(unhex({fromTrace:String}), 16))
	AND ({toTrace:String} = '' OR trace_id < toFixedString(unhex({toTrace:String}), 16))`;

/** A span that came twice counts once. */
export const ONCE = 'LIMIT 1 BY trace_id, span_id, kind, service, start_nano';

export const NO_SPAN = "toFixedString('', 8)";

/** What rows of a bucket are summed to, over columns `duration_nano`, `error` and `weight`. */
export const CALL_SUMS = `
	sum(weight) AS calls, sumIf(weight, error = 1) AS errors, sum(weight * duration_nano) AS total_nano, count() AS spans,
	(sumMap([${BUCKET}], [weight]) AS histogram).1 AS buckets, histogram.2 AS bucket_calls`;

/** Adds up rows of a subquery `parts` that are `CALL_SUMS` already. */
export const CALL_SUMS_OF_PARTS = `
	sum(parts.calls) AS calls, sum(parts.errors) AS errors, sum(parts.total_nano) AS total_nano, sum(parts.spans) AS spans,
	sumMap(parts.buckets, parts.bucket_calls).1 AS buckets, sumMap(parts.buckets, parts.bucket_calls).2 AS bucket_calls`;
