/** How long the slowest traces of one bucket took, by service, and which of its traces began before it: from the spans themselves. */
import { bucketMs, inBucket, traceWaitMs } from './bucket-spans.ts';
import { slicesOf } from './derivation.ts';
import type { Derivation } from './derivation.ts';

/** What rows of `slowest_traces` say, by `type`. */
export const SLOWEST_ROW = { longest: 0, crossing: 1, tooMany: 254, derived: 255 } as const;

/** Rows of a bucket. With names that nobody bounds there may be as many as spans; of a bucket with more, its spans are read. */
const maxRows = 50_000;

/** In a bucket. A window of so dense ones that is long enough to be read by stretches holds more than a search may read (../read-budget.ts). */
const maxSpans = 2_000_000;

const NAMES = 'service_namespace, service, environment, version, error, entry';
const KEYS = 'service_namespace, service, environment, service_version, error, entry';
const START = "toDateTime(intDiv({bucketMs:Int64}, 1000), 'UTC')";
const NO_TRACE = "toFixedString('', 16)";
const EXTENT = 'min(start_nano) AS first_nano, max(start_nano + duration_nano) AS last_nano';

/** Of the part of each trace that lies in the bucket: a trace that lies there as a whole took no longer. */
const LONGEST = `
	SELECT toUInt8(${SLOWEST_ROW.longest}) AS type, ${START} AS stretch, service_namespace, service, environment, version AS service_version,
		error, entry, max(longest) AS longest_nano, ${NO_TRACE} AS trace_id, toUInt64(0) AS first_nano, toUInt64(0) AS last_nano
	FROM (SELECT trace_id, ${NAMES} FROM spans WHERE ${inBucket()}) AS named
	INNER JOIN (
		SELECT trace_id, max(start_nano + duration_nano) - min(start_nano) AS longest FROM spans WHERE ${inBucket()} GROUP BY trace_id
	) AS parts USING (trace_id)
	GROUP BY ${NAMES}`;

/** Traces of the bucket with spans in the time before it. */
const CROSSING_IDS = `
	SELECT DISTINCT trace_id FROM spans WHERE ${inBucket(traceWaitMs, -bucketMs)}
		AND trace_id IN (SELECT trace_id FROM spans WHERE ${inBucket()})`;

/** Their parts in the bucket and in the one before that they were in last: parts still before that stand in the rows of that one. */
const CROSSING = `
	SELECT toUInt8(${SLOWEST_ROW.crossing}) AS type, part.1 AS stretch, part.2 AS service_namespace, part.3 AS service, part.4 AS environment,
		part.5 AS service_version, part.6 AS error, part.7 AS entry, toUInt64(0) AS longest_nano, trace_id, first_nano, last_nano
	FROM (
		SELECT trace_id, min(parts.first_nano) AS first_nano, max(parts.last_nano) AS last_nano,
			groupArray((stretch, ${NAMES})) AS trace_parts, arrayReverseSort(groupUniqArray(stretch))[2] AS earlier
		FROM (
			SELECT trace_id, stretch, ${NAMES}, ${EXTENT}
			FROM spans WHERE ${inBucket(traceWaitMs, 0)} AND trace_id IN (${CROSSING_IDS})
			GROUP BY trace_id, stretch, ${NAMES}
		) AS parts
		GROUP BY trace_id)
	ARRAY JOIN arrayFilter(one -> one.1 >= earlier, trace_parts) AS part`;

const ROWS = `${LONGEST} UNION ALL ${CROSSING}`;

/** Rows of several sets of traces, together. */
const merged = (rows: string): string => `
	SELECT type, stretch, ${KEYS}, max(rows.longest_nano) AS longest_nano, trace_id, any(rows.first_nano) AS first_nano, any(rows.last_nano) AS last_nano
	FROM (${rows}) AS rows GROUP BY type, stretch, ${KEYS}, trace_id`;

/** All rows, or one that says that they are too many. */
const bounded = (rows: string): string => `
	SELECT if(found > ${maxRows}, toUInt8(${SLOWEST_ROW.tooMany}), type) AS row_type, stretch, ${KEYS}, longest_nano, trace_id,
		first_nano, last_nano, toUInt64(0) AS own_spans, toUInt64(0) AS spans, 0. AS calls
	FROM (SELECT *, count() OVER () AS found, row_number() OVER () AS place FROM (${rows}))
	WHERE found <= ${maxRows} OR place = 1`;

const insert = (rows: string): string => `
	INSERT INTO slowest_traces (project, bucket, version, type, stretch, ${KEYS}, longest_nano, trace_id, first_nano, last_nano,
		own_spans, spans, calls)
	SELECT {project:String}, ${START}, {version:UInt64}, * FROM (
		${bounded(rows)}
		UNION ALL
		SELECT toUInt8(${SLOWEST_ROW.derived}), ${START}, '', '', '', '', toUInt8(0), toUInt8(0), toUInt64(0), ${NO_TRACE}, toUInt64(0),
			toUInt64(0), {own:UInt64}, {seen:UInt64}, toFloat64({settledMs:Int64})
	)`;

const STRUCTURE = `type UInt8, stretch DateTime('UTC'), service_namespace String, service String, environment String, service_version String,
	error UInt8, entry UInt8, longest_nano UInt64, trace_id FixedString(16), first_nano UInt64, last_nano UInt64`;

export const SLOWEST_TRACES: Derivation = {
	table: 'slowest_traces',
	whole: insert(ROWS),
	slice: `SELECT * FROM (${ROWS}) LIMIT ${maxRows + 1}`,
	ofSlices: insert(merged(slicesOf(STRUCTURE))),
	isMadeWhenOver: true,
	maxSpans,
};
