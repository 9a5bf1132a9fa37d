/** One database query: what needs its single calls is read from spans. */
import type { QueryCaller, QuerySample, RepeatedCalls } from '../../schema/api-database.ts';
import { bucketOf } from '../../schema/histogram.ts';
import { callerOperation, repeatPattern } from '../analysis/query-callers.ts';
import type { SpanAbove } from '../analysis/query-callers.ts';
import { NO_SPAN, ONCE } from './buckets/bucket-spans.ts';
import { busyNano, minBusyNano, minRepeats } from './buckets/query-repeats-sql.ts';
import type { ClickHouse, Parameters } from './clickhouse.ts';
import { IS_DATABASE_CALL, QUERY } from './database-calls.ts';
import { derivedParameters, derivedRows } from './derived/derived-rows.ts';
import type { DerivedMark } from './derived/deriver.ts';
import { QUERY_MINUTES } from './derived/query-minutes.ts';
import { filterParameters, ofSystem, sharedCondition } from './query-filter.ts';
import type { QueryDetail, QueryId, QueryReader } from './query-filter.ts';
import { IN_WINDOW, SERVICE_NAME } from './read-scope.ts';
import type { WindowScope } from './reader-types.ts';
import { redPoints } from './red-points.ts';
import { RedSums, sumsOf } from './red-sums.ts';

/** Callers are looked for above about so many calls; beyond, above those of a share of the traces. */
const maxCalls = 10_000;
const maxAbove = 200_000;
const maxRepeated = 20;
const maxOthers = 1_000;

const ofNamespace = ({ namespace }: QueryId): string =>
	namespace === undefined ? '1' : 'namespace = {namespace:String}';

/** The calls themselves, each once. */
const CALLS = (scope: WindowScope, id: QueryId, columns: string, and = '1') => `
	SELECT ${columns}, attr_db_system_name AS system, attr_db_namespace AS namespace
	FROM spans WHERE ${IN_WINDOW} AND ${IS_DATABASE_CALL} AND ${QUERY} = reinterpretAsUInt64(reverse(unhex({query:String})))
		AND ${sharedCondition(scope, id)} AND ${ofSystem(id)} AND ${ofNamespace(id)} AND ${and} ${ONCE}`;

const COURSE = (scope: WindowScope, id: QueryId) => `
	SELECT intDiv(toInt64(toUnixTimestamp(minute)) * 1000, {stepMs:Int64}) AS step, sum(rows.calls) AS requests,
		sum(rows.errors) AS failed, sum(total_nano) AS totalNano, sum(rows.spans) AS counted,
		(sumMap(buckets, bucket_calls) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls
	FROM (${derivedRows(QUERY_MINUTES, sharedCondition(scope, id))}) AS rows
	WHERE query = reinterpretAsUInt64(reverse(unhex({query:String}))) AND ${ofSystem(id)} AND ${ofNamespace(id)}
	GROUP BY step`;

const ROWS_RETURNED = (scope: WindowScope, id: QueryId) => `
	SELECT count() AS spans, avg(rows) AS averageRows, max(rows) AS mostRows FROM (
		${CALLS(scope, id, "attributes_int64['db.response.returned_rows'] AS rows", "mapContains(attributes_int64, 'db.response.returned_rows')")}
	)`;

const SAMPLE = `lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, ${SERVICE_NAME} AS serviceName,
	duration_nano, toUnixTimestamp64Milli(time) AS endMs, error`;

/** The slowest, the one nearest to the median, and the newest that failed. */
const SAMPLES = (scope: WindowScope, id: QueryId) => `
	WITH calls AS (${CALLS(scope, id, SAMPLE)})
	SELECT * FROM (
	SELECT * FROM (SELECT 'slowest' AS why, * FROM calls ORDER BY duration_nano DESC, spanId LIMIT 1)
	UNION ALL SELECT * FROM (
		SELECT 'median' AS why, * FROM calls ORDER BY abs(duration_nano - {medianNano:Float64}), spanId LIMIT 1)
	UNION ALL SELECT * FROM (SELECT 'failed' AS why, * FROM calls WHERE error = 1 ORDER BY endMs DESC, spanId LIMIT 1))
	ORDER BY indexOf(['slowest', 'median', 'failed'], why)`;

const SAMPLED = 'cityHash64(trace_id) % {slices:UInt32} = 0';

const CALLED = (scope: WindowScope, id: QueryId) =>
	CALLS(scope, id, `lower(hex(trace_id)) AS traceId, lower(hex(parent_span_id)) AS parentSpanId, ${SERVICE_NAME} AS serviceName,
		weight, error, duration_nano`, SAMPLED); // prettier-ignore

/** A request may end long after what it called. */
const AROUND = `project = {project:String} AND time >= fromUnixTimestamp64Milli({fromMs:Int64} - 300000, 'UTC')
	AND time < fromUnixTimestamp64Milli({toMs:Int64} + 3600000, 'UTC')`;

const ABOVE = (scope: WindowScope, id: QueryId) => `
	SELECT lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, lower(hex(parent_span_id)) AS parentSpanId,
		${SERVICE_NAME} AS serviceName, toString(operation) AS operation, entry
	FROM spans WHERE ${AROUND} AND NOT (${IS_DATABASE_CALL}) AND trace_id IN (SELECT trace_id FROM (${CALLS(scope, id, 'trace_id', SAMPLED)}))
	LIMIT ${maxAbove}`;

const REPEATED = (scope: WindowScope, id: QueryId) => `
	SELECT lower(hex(trace_id)) AS traceId, lower(hex(parent_span_id)) AS parentSpanId, serviceName, count() AS repeats,
		toFloat64(${busyNano('arraySort(groupArray((start_nano, start_nano + duration_nano)))')}) AS busyNano,
		sum(toFloat64(duration_nano)) AS totalNano, toFloat64(min(start_nano)) AS firstStartNano,
		toFloat64(max(start_nano)) AS lastStartNano, max(toUnixTimestamp64Milli(time)) AS endMs
	FROM (${CALLS(scope, id, `trace_id, parent_span_id, ${SERVICE_NAME} AS serviceName, start_nano, duration_nano, time`, `parent_span_id != ${NO_SPAN}`)})
	GROUP BY trace_id, parent_span_id, serviceName
	HAVING repeats >= ${minRepeats} AND busyNano >= ${minBusyNano}
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
		AND ${IS_DATABASE_CALL} AND ${QUERY} != reinterpretAsUInt64(reverse(unhex({query:String})))
	GROUP BY trace_id, parent_span_id`;

interface CourseRow {
	step: number;
	requests: number;
	failed: number;
	totalNano: number;
	counted: number;
	histogramBuckets: number[];
	histogramCalls: number[];
}
interface CalledRow {
	traceId: string;
	parentSpanId: string;
	serviceName: string;
	weight: number;
	error: number;
	duration_nano: number;
}
interface AboveRow {
	traceId: string;
	spanId: string;
	parentSpanId: string;
	serviceName: string;
	operation: string;
	entry: number;
}
interface SampleRow {
	why: QuerySample['why'];
	traceId: string;
	spanId: string;
	serviceName: string;
	duration_nano: number;
	endMs: number;
}
interface RepeatedRow extends Omit<RepeatedCalls, 'service' | 'operation' | 'pattern'> {
	serviceName: string;
	firstStartNano: number;
	lastStartNano: number;
}

/** `reader.detail` of the query reader; `list` finds the group. */
export function createQueryDetail(
	clickhouse: ClickHouse,
	mark: () => DerivedMark,
	list: QueryReader['list'],
): QueryReader['detail'] {
	return async (scope, id, stepMs) => {
		const { queries, buckets, pendingBuckets } = await list(scope, id, stepMs);
		const found = queries.filter(
			(row) => row.fingerprint === id.query && (id.namespace === undefined || row.namespace === id.namespace),
		);
		const [group] = found;
		if (group === undefined) return undefined;
		const { project, window } = scope;
		const exact = { ...id, system: group.system, namespace: group.namespace };
		const parameters = {
			project,
			fromMs: window.fromMs,
			toMs: window.toMs,
			query: id.query,
			namespace: group.namespace,
			...(scope.environment === undefined ? {} : { environment: scope.environment }),
			...filterParameters(exact),
		};
		const course = { ...derivedParameters(scope, mark()), ...parameters, stepMs };
		const read = <Row>(sql: string, more: Parameters = {}) =>
			clickhouse.rows<Row>(sql, { ...parameters, ...more }, scope.signal);
		const spans = await clickhouse.rows<CourseRow>(COURSE(scope, exact), course, scope.signal);
		const of = spans.reduce((sum, row) => sum + row.counted, 0);
		const slices = Math.max(1, Math.ceil(of / maxCalls));
		const [samples, rows, called, above, repeated] = await Promise.all([
			read<SampleRow>(SAMPLES(scope, exact), { medianNano: group.p50Nano ?? 0 }),
			read<NonNullable<QueryDetail['rows']>>(ROWS_RETURNED(scope, exact)),
			read<CalledRow>(CALLED(scope, exact), { slices }),
			read<AboveRow>(ABOVE(scope, exact), { slices }),
			read<RepeatedRow>(REPEATED(scope, exact)),
		]);
		const { points: _, shareRatio: __, ...rest } = group;
		return {
			group: rest,
			points: redPoints(stepsOf(spans), window, stepMs),
			rows: rows[0] !== undefined && rows[0].spans > 0 ? rows[0] : null,
			callers: callersOf(called, above),
			callersOf: { seen: called.length, of: slices === 1 ? called.length : of },
			samples: samples.map(toSample),
			repeated: await withParents(repeated, read),
			derived: { buckets, pendingBuckets },
		};
	};
}

function stepsOf(rows: readonly CourseRow[]): Map<number, RedSums> {
	const steps = new Map<number, RedSums>();
	for (const { step, requests, failed, totalNano, counted, histogramBuckets, histogramCalls } of rows) {
		const sums = { requests, errors: failed, totalNano, spans: counted, satisfied: 0, tolerating: 0 };
		sumsOf(steps, step).add({ ...sums, buckets: histogramBuckets, bucketRequests: histogramCalls });
	}
	return steps;
}

const toSample = ({ serviceName, duration_nano, why, traceId, spanId, endMs }: SampleRow): QuerySample => ({
	why,
	traceId,
	spanId,
	endMs,
	service: serviceName,
	durationNano: duration_nano,
});

function callersOf(called: readonly CalledRow[], above: readonly AboveRow[]): QueryCaller[] {
	const traces = new Map<string, Map<string, SpanAbove>>();
	for (const { traceId, spanId, parentSpanId, serviceName, operation, entry } of above) {
		const spans = traces.get(traceId) ?? new Map<string, SpanAbove>();
		traces.set(traceId, spans);
		spans.set(spanId, { spanId, parentSpanId, service: serviceName, operation, isEntry: entry === 1 });
	}
	const none = new Map<string, SpanAbove>();
	const groups = new Map<string, { service: string; operation: string; sums: RedSums }>();
	for (const call of called) {
		const { parentSpanId, serviceName: service, weight, error, duration_nano } = call;
		const operation = callerOperation({ parentSpanId, service }, traces.get(call.traceId) ?? none);
		const key = JSON.stringify([service, operation]);
		const group = groups.get(key) ?? { service, operation, sums: new RedSums() };
		groups.set(key, group);
		group.sums.add({
			requests: weight,
			errors: error * weight,
			totalNano: weight * duration_nano,
			spans: 1,
			buckets: [bucketOf(duration_nano)],
			bucketRequests: [weight],
			satisfied: 0,
			tolerating: 0,
		});
	}
	return [...groups.values()]
		.map(({ service, operation, sums }) => {
			const { requests, ...red } = sums.red();
			return { service, operation, calls: requests, ...red, totalNano: sums.totalNano };
		})
		.sort((a, b) => b.totalNano - a.totalNano || (a.service + a.operation < b.service + b.operation ? -1 : 1));
}

async function withParents(
	repeated: readonly RepeatedRow[],
	read: <Row>(sql: string, more: Parameters) => Promise<Row[]>,
): Promise<RepeatedCalls[]> {
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
