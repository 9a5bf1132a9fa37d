/** The spans that have a query below them again and again, longest first. */
import type { RepeatedCalls } from '../../../schema/api-database.ts';
import { MIN_BUSY_NANO, MIN_REPEATS, repeatPattern } from '../../analysis/query-repeats.ts';
import { NO_SPAN } from '../buckets/bucket-spans.ts';
import { busyNano } from '../buckets/query-repeats-sql.ts';
import { SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { IS_DATABASE_CALL, QUERY } from '../database-calls.ts';
import { AROUND, callsSql } from './query-calls-sql.ts';
import { IS_QUERY } from './query-filter.ts';
import type { QueryId, ReadCalls } from './query-filter.ts';

const maxRepeated = 20;
const maxOthers = 1_000;

const REPEATED = (scope: WindowScope, id: QueryId) => `
	SELECT lower(hex(trace_id)) AS traceId, lower(hex(parent_span_id)) AS parentSpanId, serviceName, count() AS repeats,
		toFloat64(${busyNano('arraySort(groupArray((start_nano, start_nano + duration_nano)))')}) AS busyNano,
		sum(toFloat64(duration_nano)) AS totalNano, toFloat64(min(start_nano)) AS firstStartNano,
		toFloat64(max(start_nano)) AS lastStartNano, max(toUnixTimestamp64Milli(time)) AS endMs
	FROM (${callsSql(scope, id, `trace_id, parent_span_id, ${SERVICE_NAME} AS serviceName, start_nano, duration_nano, time`, `parent_span_id != ${NO_SPAN}`)})
	GROUP BY trace_id, parent_span_id, serviceName
	HAVING repeats >= ${MIN_REPEATS} AND busyNano >= ${MIN_BUSY_NANO}
	ORDER BY busyNano DESC, traceId, parentSpanId LIMIT ${maxRepeated}`;

const OF_PARENTS = `trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))`;

/** Of the spans with repeats below them: their operation, and when other queries below them began. */
const PARENTS = `
	SELECT lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, toString(operation) AS operation
	FROM spans WHERE ${AROUND} AND ${OF_PARENTS} AND lower(hex(span_id)) IN {parents:Array(String)}
	LIMIT ${maxRepeated * 2}`;
const OTHERS = `
	SELECT lower(hex(trace_id)) AS traceId, lower(hex(parent_span_id)) AS parentSpanId,
		arrayMap(nano -> toFloat64(nano), groupArray(${maxOthers})(start_nano)) AS starts
	FROM spans WHERE ${AROUND} AND ${OF_PARENTS} AND lower(hex(parent_span_id)) IN {parents:Array(String)}
		AND ${IS_DATABASE_CALL} AND ${QUERY} != ${IS_QUERY}
	GROUP BY trace_id, parent_span_id`;

interface RepeatedRow extends Omit<RepeatedCalls, 'service' | 'operation' | 'pattern'> {
	serviceName: string;
	firstStartNano: number;
	lastStartNano: number;
}

export async function readRepeatedCalls(scope: WindowScope, id: QueryId, read: ReadCalls): Promise<RepeatedCalls[]> {
	const repeated = await read<RepeatedRow>(REPEATED(scope, id));
	if (repeated.length === 0) return [];
	const pairs = {
		traces: [...new Set(repeated.map((row) => row.traceId))],
		parents: [...new Set(repeated.map((row) => row.parentSpanId))],
	};
	const [parents, others] = await Promise.all([
		read<{ traceId: string; spanId: string; operation: string }>(PARENTS, pairs),
		read<{ traceId: string; parentSpanId: string; starts: number[] }>(OTHERS, pairs),
	]);
	const operations = new Map(parents.map(({ traceId, spanId, operation }) => [traceId + spanId, operation]));
	const starts = new Map(others.map((row) => [row.traceId + row.parentSpanId, row.starts]));
	return repeated.map(({ serviceName, firstStartNano, lastStartNano, ...row }) => {
		const key = row.traceId + row.parentSpanId;
		const calls = { ...row, firstStartNano, lastStartNano, otherStartsNano: starts.get(key) ?? [] };
		return { ...row, service: serviceName, operation: operations.get(key) ?? '', pattern: repeatPattern(calls) };
	});
}
