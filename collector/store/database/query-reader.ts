import type { QueryRepeats, QueryRows } from '../../../schema/api-database.ts';
import type { TimeWindow } from '../../../schema/api.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { BucketDeriver } from '../buckets/bucket-deriver.ts';
import { bucketMs } from '../buckets/bucket-spans.ts';
import { newestOf, wholeMinutes } from '../buckets/newest-version.ts';
import { queryHex } from '../database-calls.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { QUERY_MINUTES } from '../derived/query-minutes.ts';
import { createNewQueries } from './new-queries.ts';
import { createQueriesBefore } from './queries-before.ts';
import { createQueryDetail } from './query-detail.ts';
import { filterParameters, ofGroup, sharedCondition } from './query-filter.ts';
import type { GroupFilter, Groups, QueryFilter, QueryList, QueryReader, QueryRow } from './query-filter.ts';
import { SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { RedSums, sumsOfRow } from '../counts/red-sums.ts';
import type { RedRow } from '../counts/red-sums.ts';

/** More groups than anybody reads; those that take the least time are left out, and said so. */
const maxQueries = 500;
/** Of each query, and to choose from; the others are counted. */
const maxServices = 100;
const maxSystems = 100;

const GROUPS = (scope: WindowScope, filter: GroupFilter, read: ReadWindow) => `
	SELECT *, count() OVER () AS groups, sum(totalNano) OVER () AS allNano FROM (
		SELECT ${queryHex('query')} AS fingerprint, toString(system) AS system, toString(namespace) AS namespace,
			toString(argMax(operation, calls)) AS summary, toString(max(text)) AS text, sum(rows.calls) AS requests,
			sum(rows.errors) AS failed, sum(total_nano) AS totalNano, sum(rows.spans) AS counted,
			(sumMap(buckets, bucket_calls) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls,
			arraySort(groupUniqArray(${maxServices})(${SERVICE_NAME})) AS services, uniqExact(${SERVICE_NAME}) AS servicesOf,
			(sumMap([intDiv(toInt64(toUnixTimestamp(minute)) * 1000, {stepMs:Int64})], [total_nano]) AS course).1 AS steps,
			course.2 AS stepNano, sum(returned_rows) AS returnedRows, sum(calls_with_rows) AS callsWithRows,
			max(most_rows) AS mostRows
		FROM (${derivedRows(QUERY_MINUTES, sharedCondition(scope, filter), read)}) AS rows
		WHERE ${ofGroup(filter, 'rows')}
		GROUP BY rows.query, rows.system, rows.namespace
	)
	ORDER BY totalNano DESC, fingerprint, system, namespace
	LIMIT ${maxQueries}`;

const SYSTEMS = (scope: WindowScope, filter: QueryFilter, read: ReadWindow) => `
	SELECT system, count() OVER () AS systems FROM (
		SELECT DISTINCT toString(system) AS system FROM (${derivedRows(QUERY_MINUTES, sharedCondition(scope, filter), read)}))
	ORDER BY system LIMIT ${maxSystems}`;

const REPEATS = (scope: WindowScope, filter: GroupFilter) => `
	SELECT ${queryHex('query')} AS fingerprint, toString(system) AS system, toString(namespace) AS namespace, sum(parents) AS parents,
		sum(query_repeats.calls) AS calls, max(most_repeats) AS mostRepeats, sum(busy_nano) AS busyNano
	FROM query_repeats WHERE ${newestOf('query_repeats')} AND ${sharedCondition(scope, filter)} AND ${ofGroup(filter, 'query_repeats')}
	GROUP BY query_repeats.query, query_repeats.system, query_repeats.namespace`;

interface ListRow extends RedRow {
	fingerprint: string;
	system: string;
	namespace: string;
	summary: string;
	text: string;
	services: string[];
	servicesOf: number;
	steps: number[];
	stepNano: number[];
	returnedRows: number;
	callsWithRows: number;
	mostRows: number;
	groups: number;
	allNano: number;
}

type RepeatsRow = QueryRepeats & Pick<ListRow, 'fingerprint' | 'system' | 'namespace'>;

/** Reads database calls by query: sums from the table of minutes, what needs single calls from spans. */
export function createQueryReader(
	clickhouse: ClickHouse,
	deriver: BucketDeriver,
	mark: () => DerivedMark,
): QueryReader {
	const groupsOf = async (scope: WindowScope, filter: GroupFilter, stepMs: number): Promise<Groups> => {
		const at = mark();
		const parameters = { ...derivedParameters(scope, at), ...filterParameters(filter), stepMs };
		const minutes = { ...parameters, ...wholeMinutes(scope.window) };
		const [rows, repeats] = await Promise.all([
			clickhouse.rows<ListRow>(GROUPS(scope, filter, readWindow(scope, at)), parameters, scope.signal),
			clickhouse.rows<RepeatsRow>(REPEATS(scope, filter), minutes, scope.signal),
		]);
		const repeatsOf = new Map(repeats.map((row) => [keyOf(row), row]));
		return {
			queries: rows.map((row) => toQueryRow(row, repeatsOf.get(keyOf(row)), scope.window, stepMs)),
			groups: rows[0]?.groups ?? 0,
			totalNano: rows[0]?.allNano ?? 0,
			buckets: Math.ceil((scope.window.toMs - scope.window.fromMs) / bucketMs),
			pendingBuckets: deriver.pending('query_repeats', scope.project, scope.window),
		};
	};
	const systemsOf = async (
		scope: WindowScope,
		filter: QueryFilter,
	): Promise<Pick<QueryList, 'systems' | 'systemsOf'>> => {
		const at = mark();
		const parameters = { ...derivedParameters(scope, at), ...filterParameters(filter) };
		const sql = SYSTEMS(scope, filter, readWindow(scope, at));
		const rows = await clickhouse.rows<{ system: string; systems: number }>(sql, parameters, scope.signal);
		return { systems: rows.map(({ system }) => system), systemsOf: rows[0]?.systems ?? 0 };
	};
	return {
		async list(scope, filter, stepMs) {
			const [groups, systems] = await Promise.all([groupsOf(scope, filter, stepMs), systemsOf(scope, filter)]);
			return { ...groups, ...systems };
		},
		before: createQueriesBefore(clickhouse, mark),
		newSince: createNewQueries(clickhouse, mark),
		detail: createQueryDetail(clickhouse, mark, groupsOf),
	};
}

const keyOf = ({ fingerprint, system, namespace }: Pick<ListRow, 'fingerprint' | 'system' | 'namespace'>): string =>
	JSON.stringify([fingerprint, system, namespace]);

function toQueryRow(row: ListRow, repeats: RepeatsRow | undefined, window: TimeWindow, stepMs: number): QueryRow {
	const sums = new RedSums();
	sums.add(sumsOfRow(row));
	const { requests: calls, ...red } = sums.red();
	const nanoOf = new Map(row.steps.map((step, index) => [step, row.stepNano[index] ?? 0]));
	const points: number[] = [];
	for (let step = Math.floor(window.fromMs / stepMs); step * stepMs < window.toMs; step += 1) {
		points.push(nanoOf.get(step) ?? 0);
	}
	const { fingerprint, system, namespace, summary, text, totalNano, services, servicesOf } = row;
	return {
		fingerprint,
		system,
		namespace,
		summary,
		text,
		calls,
		...red,
		totalNano,
		services,
		servicesOf,
		points,
		shareRatio: row.allNano === 0 ? 0 : Math.min(1, totalNano / row.allNano),
		rows: rowsOf(row),
		repeats: repeats === undefined ? null : repeatsOf(repeats),
	};
}

const rowsOf = ({ returnedRows, callsWithRows, mostRows }: ListRow): QueryRows | null =>
	callsWithRows === 0 ? null : { calls: callsWithRows, returned: returnedRows, most: mostRows };

const repeatsOf = ({ parents, calls, mostRepeats, busyNano }: QueryRepeats): QueryRepeats => ({
	parents,
	calls,
	mostRepeats,
	busyNano,
});
