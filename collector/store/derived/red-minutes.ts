import { BUCKET } from '../red-sums.ts';
import type { DerivedTable } from './derived-table.ts';

/** What spans are counted by. */
const KEYS = 'service_namespace, service, environment, version, operation, kind, type, entry, error';

const MINUTE = "toStartOfMinute(toDateTime(time, 'UTC')) AS minute";

/** Spans counted by all keys and by when they ended: `instant` is an expression with its name. */
export const redRowsOfSpans = (where: string, instant: string): string => `
	SELECT project, ${instant}, ${KEYS},
		toUInt8(if(attr_http_response_status_code BETWEEN 100 AND 599, intDiv(attr_http_response_status_code, 100), 0))
			AS status_class,
		sum(weight) AS requests, count() AS spans, sum(weight * duration_nano) AS total_nano,
		min(time) AS first_time, max(time) AS last_time,
		(sumMap([toInt16(${BUCKET})], [weight]) AS histogram).1 AS buckets, histogram.2 AS bucket_requests
	FROM spans WHERE ${where}
	GROUP BY ALL`;

/** Requests, errors and latency by minute. Read through `derivedRows`, and added up with `sum` and `sumMap`. */
export const RED_MINUTES: DerivedTable = {
	name: 'red_minutes',
	columns: `project, minute, ${KEYS}, status_class, requests, spans, total_nano, first_time, last_time, buckets, bucket_requests`,
	select: (where) => redRowsOfSpans(where, MINUTE),
};
