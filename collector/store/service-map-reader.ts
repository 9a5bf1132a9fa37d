import type { TimeWindow } from '../../schema/api.ts';
import { EDGE_TYPES, NODE_TYPES } from '../../schema/service-map.ts';
import type { EdgeSums, ServiceSums } from '../analysis/service-map.ts';
import type { ClickHouse } from './clickhouse.ts';
import type { BucketDeriver } from './buckets/bucket-deriver.ts';
import { bucketMs } from './buckets/bucket-spans.ts';
import { newestOf, wholeMinutes } from './buckets/newest-version.ts';
import { derivedParameters, derivedRows } from './derived/derived-rows.ts';
import type { DerivedMark } from './derived/deriver.ts';
import { RED_MINUTES } from './derived/red-minutes.ts';
import { SERVICE_NAME } from './read-scope.ts';
import type { WindowScope } from './reader-types.ts';

export interface ServiceMapReader {
	/** Edges and all services of the window, which is widened to whole minutes. */
	edges(scope: WindowScope): Promise<{
		window: TimeWindow;
		edges: EdgeSums[];
		services: ServiceSums[];
		/** There are more edges: the least called are missing. */
		isCut: boolean;
		/** Stretches of five minutes that hold spans which are not counted yet. */
		pendingBuckets: number;
		/** Stretches that the window touches. */
		buckets: number;
	}>;
}

/** More than a screen can draw or a person can read; what is called least is left out, and said so. */
const maxEdges = 5_000;
const maxServices = 10_000;

const inEnvironment = ({ environment }: WindowScope): string =>
	environment === undefined ? '1' : 'environment = {environment:String}';

const named = (side: 'caller' | 'callee'): string =>
	`if(${side}_namespace = '', toString(${side}), concat(${side}_namespace, '/', ${side}))`;

const EDGES = (scope: WindowScope) => `
	SELECT type, caller_type, callee_type, ${named('caller')} AS callerName, ${named('callee')} AS calleeName, toString(address) AS host,
		sum(calls) AS requests, sum(errors) AS failed, sum(total_nano) AS totalNano, sum(service_edges.spans) AS counted,
		(sumMap(buckets, bucket_calls) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls
	FROM service_edges WHERE ${newestOf('service_edges')} AND ${inEnvironment(scope)}
	GROUP BY type, caller_type, callee_type, callerName, calleeName, host
	ORDER BY requests DESC, type, callerName, calleeName, host
	LIMIT ${maxEdges + 1}`;

const SERVICES = (scope: WindowScope) => `
	SELECT ${SERVICE_NAME} AS name, sumIf(rows.requests, entry = 1) AS entries, sumIf(rows.requests, entry = 1 AND error = 1) AS failed,
		(sumMapIf(buckets, bucket_requests, entry = 1) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls
	FROM (${derivedRows(RED_MINUTES, inEnvironment(scope))}) AS rows
	GROUP BY name ORDER BY entries DESC, name LIMIT ${maxServices}`;

interface ServiceRow {
	name: string;
	entries: number;
	failed: number;
	histogramBuckets: number[];
	histogramCalls: number[];
}

interface EdgeRow {
	type: number;
	caller_type: number;
	callee_type: number;
	callerName: string;
	calleeName: string;
	host: string;
	requests: number;
	failed: number;
	totalNano: number;
	counted: number;
	histogramBuckets: number[];
	histogramCalls: number[];
}

/** Reads who calls whom by whole minutes: the window is widened to those, and said. */
export function createServiceMapReader(
	clickhouse: ClickHouse,
	deriver: BucketDeriver,
	redMark: () => DerivedMark,
): ServiceMapReader {
	return {
		async edges(scope) {
			const window = wholeMinutes(scope.window);
			const { project, environment } = scope;
			const parameters = { project, ...window, ...(environment === undefined ? {} : { environment }) };
			const [rows, services] = await Promise.all([
				clickhouse.rows<EdgeRow>(EDGES(scope), parameters, scope.signal),
				clickhouse.rows<ServiceRow>(SERVICES(scope), derivedParameters({ ...scope, window }, redMark()), scope.signal),
			]);
			return {
				window,
				edges: rows.slice(0, maxEdges).map(toEdge),
				services: services.map(toService),
				isCut: rows.length > maxEdges,
				buckets: Math.ceil((window.toMs - window.fromMs) / bucketMs),
				pendingBuckets: deriver.pending('service_edges', project, window),
			};
		},
	};
}

const toEdge = (row: EdgeRow): EdgeSums => ({
	type: EDGE_TYPES[row.type] ?? 'request',
	caller: { type: NODE_TYPES[row.caller_type] ?? 'service', name: row.callerName },
	callee: { type: NODE_TYPES[row.callee_type] ?? 'external', name: row.calleeName },
	address: row.host,
	calls: row.requests,
	errors: row.failed,
	totalNano: row.totalNano,
	spans: row.counted,
	buckets: histogramOf(row),
});

const toService = (row: ServiceRow): ServiceSums => ({
	name: row.name,
	requests: row.entries,
	errors: row.failed,
	buckets: histogramOf(row),
});

const histogramOf = (row: Pick<EdgeRow, 'histogramBuckets' | 'histogramCalls'>): Map<number, number> =>
	new Map(row.histogramBuckets.map((bucket, index) => [bucket, row.histogramCalls[index] ?? 0]));
