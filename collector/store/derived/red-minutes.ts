import { BUCKET } from '../duration-bucket.ts';
import { RED_CAPS, withinCaps } from './red-caps.ts';
import type { RedCaps } from './red-caps.ts';
import type { DerivedTable } from './derived-table.ts';

/** What spans are counted by. */
const KEYS = 'service_namespace, service, environment, version, operation, kind, type, entry, error';

export const MINUTE = "toStartOfMinute(toDateTime(time, 'UTC')) AS minute";

/** What `status_class` holds, of spans. */
export const STATUS_CLASS = `
	toUInt8(if(attr_http_response_status_code BETWEEN 100 AND 599, intDiv(attr_http_response_status_code, 100), 0))`;

/**
 * Spans counted by keys and by when they ended: `instant` is an expression with its name. First by bucket of duration as well,
 * because adding up numbers costs a fraction of adding an array of one to a histogram for each span.
 */
export const redRowsOfSpans = (where: string, instant: string, keys: string = KEYS): string => `
	SELECT * EXCEPT (bucket, bucketWeight, bucketSpans, bucketNano, bucketFirst, bucketLast),
		sum(bucketWeight) AS requests, sum(bucketSpans) AS spans, sum(bucketNano) AS total_nano,
		min(bucketFirst) AS first_time, max(bucketLast) AS last_time,
		(arraySort(groupArray((bucket, bucketWeight))) AS histogram).1 AS buckets, histogram.2 AS bucket_requests
	FROM (
		SELECT project, ${instant}, ${keys}, ${STATUS_CLASS} AS status_class,
			toInt16(${BUCKET}) AS bucket, sum(weight) AS bucketWeight, count() AS bucketSpans,
			sum(weight * duration_nano) AS bucketNano, min(time) AS bucketFirst, max(time) AS bucketLast
		FROM spans WHERE ${where}
		GROUP BY ALL)
	GROUP BY ALL`;

/**
 * The same with a row for each bucket, for readers who add rows up anyway: they count few spans, and the second level would cost
 * more to plan than it saves (docs/adr/0060-what-is-left-to-plan.md).
 */
export const minutesByBucket = (where: string, keys: string = KEYS): string => `
	SELECT project, ${MINUTE}, ${keys}, ${STATUS_CLASS} AS status_class,
		sum(weight) AS requests, count() AS spans, sum(weight * duration_nano) AS total_nano,
		min(time) AS first_time, max(time) AS last_time, [bucket] AS buckets, [sum(weight)] AS bucket_requests
	FROM spans WHERE ${where}
	GROUP BY project, minute, ${keys}, status_class, toInt16(${BUCKET}) AS bucket`;

export const MEASURES = 'requests, spans, total_nano, first_time, last_time, buckets, bucket_requests';

/**
 * Requests, errors and latency by minute. Read through `derivedRows`, and added up with `sum` and `sumMap`. What is stored has
 * no more names than the caps; what a reader adds from spans has those of the spans.
 */
export const redMinutes = (caps: RedCaps): DerivedTable => ({
	name: 'red_minutes',
	isCounted: true,
	everyMs: 30_000,
	hasLastTime: true,
	columns: `project, minute, ${KEYS}, status_class, ${MEASURES}`,
	select: (where) => redRowsOfSpans(where, MINUTE),
	ofSpans: (where) => minutesByBucket(where),
	store: (where) => withinCaps(redRowsOfSpans(where, MINUTE), where, `${KEYS}, status_class`, caps),
});

export const RED_MINUTES: DerivedTable = redMinutes(RED_CAPS);

/** The same by hour, for whoever looks at many services or at days. */
export const RED_HOURS: DerivedTable = {
	name: 'red_hours',
	from: RED_MINUTES,
	everyMs: 1_800_000,
	maxSpans: 4_000_000,
	columns: `project, hour, ${KEYS}, status_class, ${MEASURES}`,
	select: (where) => `
		SELECT project, toStartOfHour(minute) AS hour, ${KEYS}, status_class,
			sum(minutes.requests) AS requests, sum(minutes.spans) AS spans, sum(minutes.total_nano) AS total_nano,
			min(minutes.first_time) AS first_time, max(minutes.last_time) AS last_time,
			(sumMap(minutes.buckets, minutes.bucket_requests) AS histogram).1 AS buckets, histogram.2 AS bucket_requests
		FROM red_minutes AS minutes WHERE ${where}
		GROUP BY project, hour, ${KEYS}, status_class`,
};
