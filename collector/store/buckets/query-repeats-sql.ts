/** The repeats of queries that ended in one bucket: N+1, from the spans themselves. */
import { MIN_BUSY_NANO, MIN_REPEATS } from '../../analysis/query-repeats.ts';
import { IS_DATABASE_CALL, QUERY } from '../database-calls.ts';
import { slicesOf } from './derivation.ts';
import type { Derivation } from './derivation.ts';
import { bucketMs, inBucket, nearMs, NO_SPAN, ONCE } from './bucket-spans.ts';

/** Of an array of (start, end), sorted: how long at least one of them ran. */
export const busyNano = (intervals: string): string => `arrayFold(
	(state, interval) -> (
		greatest(state.1, interval.2),
		state.2 + toInt64(greatest(0, toInt64(interval.2) - toInt64(greatest(state.1, interval.1))))),
	${intervals}, (toUInt64(0), toInt64(0))).2`;

const GROUP = 'trace_id, parent_span_id, service_namespace, service, environment, query, system, namespace';

/** Calls of one query by one service under one parent. A parent whose last call ended in another bucket belongs there. */
const REPEATS = `
	SELECT toStartOfMinute(max(time)) AS minute, environment, service_namespace, service, query, system, namespace,
		count() AS repeats, ${busyNano('arraySort(groupArray((start_nano, start_nano + duration_nano)))')} AS busy
	FROM (
		SELECT time, trace_id, parent_span_id, service_namespace, service, environment, ${QUERY} AS query,
			attr_db_system_name AS system, attr_db_namespace AS namespace, start_nano, duration_nano
		FROM spans WHERE ${inBucket(nearMs, nearMs)} AND ${IS_DATABASE_CALL} AND parent_span_id != ${NO_SPAN} ${ONCE}
	)
	GROUP BY ${GROUP}
	HAVING repeats >= ${MIN_REPEATS} AND busy >= ${MIN_BUSY_NANO}
		AND max(time) >= fromUnixTimestamp64Milli({bucketMs:Int64}, 'UTC')
		AND max(time) < fromUnixTimestamp64Milli({bucketMs:Int64} + ${bucketMs}, 'UTC')`;

const START = "toDateTime(intDiv({bucketMs:Int64}, 1000), 'UTC')";

const KEYS = 'minute, environment, service_namespace, service, query, system, namespace';

const SUMS = `
	SELECT ${KEYS}, count() AS parents, sum(repeats) AS calls, max(repeats) AS most_repeats, sum(busy) AS busy_nano
	FROM (${REPEATS}) GROUP BY ${KEYS}`;

/** `sums`: rows as those of `SUMS`, which are added up. */
const insert = (sums: string): string => `
	INSERT INTO query_repeats (project, bucket, version, minute, type, environment, service_namespace, service, query, system,
		namespace, parents, calls, most_repeats, busy_nano, spans)
	SELECT {project:String}, ${START}, {version:UInt64}, * FROM (
		SELECT minute, toUInt8(0), environment, service_namespace, service, query, system, namespace, sum(sums.parents),
			toFloat64(sum(sums.calls)), max(sums.most_repeats), toFloat64(sum(sums.busy_nano)), toUInt64(0)
		FROM (${sums}) AS sums GROUP BY ${KEYS}
		UNION ALL
		SELECT ${START}, toUInt8(255), '', '', '', toUInt64(0), '', '', toUInt64(0), toFloat64({settledMs:Int64}), toUInt64(0), 0.,
			{seen:UInt64}
	)`;

const STRUCTURE = `minute DateTime('UTC'), environment String, service_namespace String, service String, query UInt64,
	system String, namespace String, parents UInt64, calls UInt64, most_repeats UInt64, busy_nano Int64`;

export const QUERY_REPEATS: Derivation = {
	table: 'query_repeats',
	whole: insert(SUMS),
	slice: SUMS,
	ofSlices: insert(slicesOf(STRUCTURE)),
};
