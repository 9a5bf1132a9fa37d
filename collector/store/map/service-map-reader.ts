import type { TimeWindow } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { EdgeSums, ServiceSums } from '../../analysis/service-map.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { BucketDeriver } from '../buckets/bucket-deriver.ts';
import { bucketMs } from '../buckets/bucket-spans.ts';
import { newestOf, wholeMinutes } from '../buckets/newest-version.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { RED_MINUTES } from '../derived/red-minutes.ts';
import { countEdges, countServices, edgesSql, MAX_SERVICES, toEdge, toService } from './edge-rows.ts';
import type { EdgeRow, ServiceRow } from './edge-rows.ts';
import { readMatchedEdges } from './matched-edges.ts';
import type { MatchedEdges, SampleBounds } from './matched-edges.ts';
import type { ReadBudget } from '../read-budget.ts';
import { SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';

export interface ServiceMapReader {
	/** Edges and all services of the window, which is widened to whole minutes. */
	edges(scope: WindowScope): Promise<{
		window: TimeWindow;
		edges: EdgeSums[];
		services: ServiceSums[];
		/** How many edges there are: where it is more, the least called are missing. */
		edgesFound: number;
		/** How many services there are: where it is more, those with the fewest requests are missing. */
		servicesFound: number;
		/** Stretches of five minutes that hold spans which are not counted yet. */
		pendingBuckets: number;
		/** Stretches that the window touches. */
		buckets: number;
	}>;
	/** The same of the traces that have a span of which the condition holds, counted from their spans. */
	edgesOfTraces(scope: WindowScope, query: CompiledQuery, most?: SampleBounds): Promise<MatchedEdges>;
}

const inEnvironment = ({ environment }: WindowScope): string =>
	environment === undefined ? '1' : 'environment = {environment:String}';

const EDGES = (scope: WindowScope) =>
	edgesSql('service_edges', `${newestOf('service_edges')} AND ${inEnvironment(scope)}`);

const SERVICES = (scope: WindowScope, read: ReadWindow) => `
	SELECT ${SERVICE_NAME} AS name, toString(any(service_namespace)) AS serviceNamespace, sumIf(rows.requests, entry = 1) AS entries, sumIf(rows.requests, entry = 1 AND error = 1) AS failed,
		(sumMapIf(buckets, bucket_requests, entry = 1) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls,
		count() OVER () AS services_found
	FROM (${derivedRows(RED_MINUTES, inEnvironment(scope), read)}) AS rows
	GROUP BY name ORDER BY entries DESC, name LIMIT {services:UInt32}`;

/** Reads who calls whom by whole minutes: the window is widened to those, and said. */
export function createServiceMapReader(
	clickhouse: ClickHouse,
	deriver: BucketDeriver,
	redMark: () => DerivedMark,
	budget: ReadBudget,
	mostServices = MAX_SERVICES,
): ServiceMapReader {
	return {
		async edges(scope) {
			const window = wholeMinutes(scope.window);
			const { project, environment } = scope;
			const parameters = { project, ...window, ...(environment === undefined ? {} : { environment }) };
			const [wide, at] = [{ ...scope, window }, redMark()];
			const [rows, services] = await Promise.all([
				clickhouse.rows<EdgeRow>(EDGES(scope), parameters, scope.signal),
				clickhouse.rows<ServiceRow>(
					SERVICES(wide, readWindow(wide, at)),
					{ ...derivedParameters(wide, at), services: mostServices },
					scope.signal,
				),
			]);
			return {
				window,
				edges: rows.map((row) => toEdge(row)),
				services: services.map((row) => toService(row)),
				edgesFound: countEdges(rows),
				servicesFound: countServices(services),
				buckets: Math.ceil((window.toMs - window.fromMs) / bucketMs),
				pendingBuckets: deriver.pending('service_edges', project, window),
			};
		},
		edgesOfTraces: (scope, query, most) => readMatchedEdges(clickhouse, budget, scope, query, most),
	};
}
