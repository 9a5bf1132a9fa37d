import type { DerivedTable } from './derived-table.ts';
import { MEASURES, minutesByBucket, RED_MINUTES } from './red-minutes.ts';

/** Of columns, and what `minutesByBucket` makes of them. */
const COLUMN_KEYS = 'service_namespace, service, environment, version, entry, error';
const KEYS = `${COLUMN_KEYS}, status_class`;

/** Sums of the rows of `from`, a table with the columns of `service_minutes`, by all keys and `instant`. */
const added = (from: string, instant: string, name: string, where: string): string => `
	SELECT project, ${instant} AS ${name}, ${KEYS},
		sum(counted.requests) AS requests, sum(counted.spans) AS spans, sum(counted.total_nano) AS total_nano,
		min(counted.first_time) AS first_time, max(counted.last_time) AS last_time,
		(sumMap(counted.buckets, counted.bucket_requests) AS histogram).1 AS buckets, histogram.2 AS bucket_requests
	FROM ${from} AS counted WHERE ${where}
	GROUP BY project, ${name}, ${KEYS}`;

const columns = (instant: string): string => `project, ${instant}, ${KEYS}, ${MEASURES}`;

/** Requests, errors and latency of services by minute, made of those of their operations. */
export const SERVICE_MINUTES: DerivedTable = {
	name: 'service_minutes',
	from: RED_MINUTES,
	isCounted: true,
	everyMs: 30_000,
	hasLastTime: true,
	columns: columns('minute'),
	select: (where) => added('red_minutes', 'minute', 'minute', where),
	ofSpans: (where) => minutesByBucket(where, COLUMN_KEYS),
};

/** The same by hour, for whoever looks at days. */
export const SERVICE_HOURS: DerivedTable = {
	name: 'service_hours',
	from: SERVICE_MINUTES,
	everyMs: 1_800_000,
	maxSpans: 4_000_000,
	columns: columns('hour'),
	select: (where) => added('service_minutes', 'toStartOfHour(minute)', 'hour', where),
};
