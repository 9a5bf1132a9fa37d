/** One database query: what needs its single calls is read from spans. */
import type { QuerySample } from '../../../schema/api-database.ts';
import { repeatedBelow, repeatsPerRequest, sumOfRepeats } from '../../analysis/query-repeats.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { QUERY_MINUTES } from '../derived/query-minutes.ts';
import { SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { redPoints } from '../counts/red-points.ts';
import { sumsOf, sumsOfRow } from '../counts/red-sums.ts';
import type { RedRow, RedSums } from '../counts/red-sums.ts';
import { callersTree } from './callers-tree.ts';
import { readCalls } from './calls-above.ts';
import { readQueriesTogether } from './queries-together.ts';
import { callsSql } from './query-calls-sql.ts';
import { filterParameters, ofGroup, sharedCondition } from './query-filter.ts';
import type { Groups, QueryId, QueryReader } from './query-filter.ts';
import { namesOf } from './query-names.ts';
import { readRepeatedCalls } from './repeated-calls.ts';

/** Callers are looked for above about so many calls; beyond, above those of a share of the traces. */
const maxCalls = 10_000;

const COURSE = (scope: WindowScope, id: QueryId, read: ReadWindow) => `
	SELECT intDiv(toInt64(toUnixTimestamp(minute)) * 1000, {stepMs:Int64}) AS step, sum(rows.calls) AS requests,
		sum(rows.errors) AS failed, sum(total_nano) AS totalNano, sum(rows.spans) AS counted,
		(sumMap(buckets, bucket_calls) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls
	FROM (${derivedRows(QUERY_MINUTES, sharedCondition(scope, id), read)}) AS rows
	WHERE ${ofGroup(id, 'rows')}
	GROUP BY step`;

const SAMPLE = `lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, ${SERVICE_NAME} AS serviceName,
	duration_nano, toUnixTimestamp64Milli(time) AS endMs, error`;

/** The slowest, the one nearest to the median, and the newest that failed. */
const SAMPLES = (scope: WindowScope, id: QueryId) => `
	WITH calls AS (${callsSql(scope, id, SAMPLE)})
	SELECT * FROM (
	SELECT * FROM (SELECT 'slowest' AS why, * FROM calls ORDER BY duration_nano DESC, spanId LIMIT 1)
	UNION ALL SELECT * FROM (
		SELECT 'median' AS why, * FROM calls ORDER BY abs(duration_nano - {medianNano:Float64}), spanId LIMIT 1)
	UNION ALL SELECT * FROM (SELECT 'failed' AS why, * FROM calls WHERE error = 1 ORDER BY endMs DESC, spanId LIMIT 1))
	ORDER BY indexOf(['slowest', 'median', 'failed'], why)`;

interface CourseRow extends RedRow {
	step: number;
}
interface SampleRow {
	why: QuerySample['why'];
	traceId: string;
	spanId: string;
	serviceName: string;
	duration_nano: number;
	endMs: number;
}

/** `reader.detail` of the query reader; `groupsOf` finds the group, however little of the time it takes. */
export function createQueryDetail(
	clickhouse: ClickHouse,
	mark: () => DerivedMark,
	groupsOf: (scope: WindowScope, id: QueryId, stepMs: number) => Promise<Groups>,
): QueryReader['detail'] {
	return async (scope, id, stepMs) => {
		const { queries, buckets, pendingBuckets } = await groupsOf(scope, id, stepMs);
		const [group] = queries;
		if (group === undefined) return undefined;
		const { project, window } = scope;
		const exact = { ...id, system: group.system, namespace: group.namespace };
		const parameters = {
			project,
			fromMs: window.fromMs,
			toMs: window.toMs,
			...(scope.environment === undefined ? {} : { environment: scope.environment }),
			...filterParameters(exact),
		};
		const at = mark();
		const course = { ...derivedParameters(scope, at), ...parameters, stepMs };
		const read = <Row>(sql: string, more: Parameters = {}) =>
			clickhouse.rows<Row>(sql, { ...parameters, ...more }, scope.signal);
		const spans = await clickhouse.rows<CourseRow>(COURSE(scope, exact, readWindow(scope, at)), course, scope.signal);
		const of = spans.reduce((sum, row) => sum + row.counted, 0);
		const slices = Math.max(1, Math.ceil(of / maxCalls));
		const [samples, { calls, isCut }, together, repeated] = await Promise.all([
			read<SampleRow>(SAMPLES(scope, exact), { medianNano: group.p50Nano ?? 0 }),
			readCalls(scope, exact, read, slices),
			readQueriesTogether(scope, exact, read, slices),
			readRepeatedCalls(scope, exact, read),
		]);
		const tree = callersTree(calls);
		const below = repeatedBelow(calls);
		const { points: _, shareRatio: __, ...rest } = group;
		const isWhole = slices === 1;
		return {
			// The table of repeats lags behind some seconds: where all calls were read they say it themselves.
			group: isWhole ? { ...rest, repeats: sumOfRepeats(below) } : rest,
			points: redPoints(stepsOf(spans), window, stepMs),
			traces: new Set(calls.map(({ traceId }) => traceId)).size,
			callers: tree.callers,
			callersOf: tree.of,
			counted: { seen: calls.length, of: isWhole ? calls.length : of },
			isCut,
			names: namesOf(calls),
			together: together.queries,
			togetherOf: together.of,
			samples: samples.map(toSample),
			repeated,
			requestRepeats: repeatsPerRequest(below),
			derived: { buckets, pendingBuckets: isWhole ? 0 : pendingBuckets },
		};
	};
}

function stepsOf(rows: readonly CourseRow[]): Map<number, RedSums> {
	const steps = new Map<number, RedSums>();
	for (const row of rows) sumsOf(steps, row.step).add(sumsOfRow(row));
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
