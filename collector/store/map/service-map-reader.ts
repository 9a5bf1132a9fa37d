import type { TimeWindow } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { EdgeSums, ServiceSums } from '../../analysis/service-map.ts';
import type { ClickHouse } from '../engine/clickhouse.ts';
import type { BucketDeriver } from '../buckets/bucket-deriver.ts';
import { bucketMs } from '../buckets/bucket-spans.ts';
import { newestOf, wholeMinutes } from '../buckets/newest-version.ts';
import { redSource } from '../counts/red-source.ts';
import type { RedMarks } from '../counts/red-source.ts';
import { countEdges, countServices, MAX_SERVICES, storedEdgesSql, toEdge, toService } from './edge-rows.ts';
import type { EdgeRow, ServiceRow } from './edge-rows.ts';
import { readMatchedEdges } from './matched-edges.ts';
import type { MatchedEdges, SampleBounds } from './matched-edges.ts';
import type { ReadBudget } from '../read-budget.ts';
import { inEnvironment, SERVICE_NAME } from '../read-scope.ts';
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

const hourMs = 3_600_000;

const EDGES = (scope: WindowScope) => storedEdgesSql(`${newestOf('service_edges')} AND ${inEnvironment(scope)}`);

/** @param rows of the rollup of services. Durations are those of entry spans. */
const SERVICES = (rows: string) => `
	SELECT name, any(namespace) AS serviceNamespace, sum(calls) AS entries, sum(failures) AS failed,
		groupArrayIf(bucket, calls > 0) AS histogramBuckets, groupArrayIf(calls, calls > 0) AS histogramCalls, count() OVER () AS services_found
	FROM (
		SELECT ${SERVICE_NAME} AS name, toString(any(service_namespace)) AS namespace, toInt32(of_bucket) AS bucket,
			sumIf(in_bucket, entry = 1) AS calls, sumIf(in_bucket, entry = 1 AND error = 1) AS failures
		FROM (${rows}) ARRAY JOIN buckets AS of_bucket, bucket_requests AS in_bucket
		GROUP BY name, bucket)
	GROUP BY name ORDER BY entries DESC, name LIMIT {services:UInt32}`;

/** Reads who calls whom by whole minutes: the window is widened to those, and said. */
export function createServiceMapReader(
	clickhouse: ClickHouse,
	deriver: BucketDeriver,
	marks: () => RedMarks,
	budget: ReadBudget,
	mostServices = MAX_SERVICES,
): ServiceMapReader {
	return {
		async edges(scope) {
			const window = wholeMinutes(scope.window);
			const { project, environment } = scope;
			const parameters = { project, ...window, ...(environment === undefined ? {} : { environment }) };
			// Whole hours come from the rollup by hour.
			const ofServices = redSource(
				{ scope: { ...scope, window }, where: '1', parameters: {}, stepMs: hourMs, ofServices: true },
				marks(),
			);
			const [rows, services] = await Promise.all([
				clickhouse.rows<EdgeRow>(EDGES(scope), parameters, scope.signal),
				clickhouse.rows<ServiceRow>(
					SERVICES(ofServices.rows),
					{ ...ofServices.parameters, services: mostServices },
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
