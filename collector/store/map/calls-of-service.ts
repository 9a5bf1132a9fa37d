import type { TimeWindow } from '../../../schema/api.ts';
import { NODE_TYPES } from '../../../schema/service-map.ts';
import type { CallsByWindow } from '../../analysis/dependency-changes.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import type { BucketDeriver } from '../buckets/bucket-deriver.ts';
import { bucketMs } from '../buckets/bucket-spans.ts';
import { newestOf } from '../buckets/newest-version.ts';
import type { ReadWindow } from '../derived/derived-conditions.ts';
import { derivedParameters, derivedRows, readWindow } from '../derived/derived-rows.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import { RED_MINUTES } from '../derived/red-minutes.ts';
import { countEdges, EDGE_ENDS, EDGE_KEY, endsOf, MAX_EDGES, MAX_SERVICES } from './edge-rows.ts';
import type { EdgeEnds } from './edge-rows.ts';
import { inEnvironment, SERVICE_NAME } from '../read-scope.ts';
import type { ServiceName, WindowScope } from '../reader-types.ts';

interface ServiceCalls {
	/** The most called first, in each of the windows that were asked for. */
	calls: CallsByWindow[];
	/** How many there are. */
	edges: number;
	/** Stretches of five minutes of the scope's window, and those that hold spans which are not counted yet. */
	buckets: number;
	pendingBuckets: number;
}

export interface ServiceCallsReader {
	/** What one service calls. The windows lie in that of the scope, and all consist of whole minutes. */
	calls(scope: WindowScope, service: ServiceName, windows: readonly TimeWindow[]): Promise<ServiceCalls>;
	/** Up to where calls of the window are counted, as far as there are any. */
	countedTo(scope: WindowScope): Promise<number>;
	/** Names of the services of the window, and how many there are: where it is more, the last ones by name are missing. */
	services(scope: WindowScope): Promise<{ names: string[]; total: number }>;
}

const COUNTED_TO = `
	SELECT toInt64(toUnixTimestamp(max(minute))) * 1000 AS minuteMs FROM service_edges WHERE ${newestOf('service_edges')}`;

const SERVICES = (scope: WindowScope, read: ReadWindow) => `
	SELECT ${SERVICE_NAME} AS name, count() OVER () AS total FROM (${derivedRows(RED_MINUTES, inEnvironment(scope), read)})
	GROUP BY name ORDER BY name LIMIT ${MAX_SERVICES}`;

const second = (name: string): string => `toDateTime(intDiv({${name}:Int64}, 1000), 'UTC')`;

const CALLS = (scope: WindowScope, windows: readonly TimeWindow[]): string => {
	const sums = windows.map(
		(_, at) => `sumIf(edges.calls, minute >= ${second(`from${at}`)} AND minute < ${second(`to${at}`)})`,
	);
	return `
	SELECT ${EDGE_ENDS},
		[${sums.join(', ')}] AS counts
	FROM service_edges AS edges
	WHERE ${newestOf('service_edges')} AND ${inEnvironment(scope)} AND caller_type = ${NODE_TYPES.indexOf('service')}
		AND caller = {service:String} AND caller_namespace = {namespace:String}
	GROUP BY ${EDGE_KEY} ORDER BY sum(edges.calls) DESC, ${EDGE_KEY}
	LIMIT ${MAX_EDGES}`;
};

interface CallsRow extends EdgeEnds {
	counts: number[];
}

/** Reads what services call, for comparing some time with some other. */
export function createServiceCallsReader(
	clickhouse: ClickHouse,
	deriver: BucketDeriver,
	redMark: () => DerivedMark,
): ServiceCallsReader {
	return {
		async countedTo({ project, window, signal }) {
			const [row] = await clickhouse.rows<{ minuteMs: number }>(COUNTED_TO, { project, ...window }, signal);
			return Math.min(window.toMs, (row?.minuteMs ?? 0) + 60_000);
		},
		async services(scope) {
			const at = redMark();
			const sql = SERVICES(scope, readWindow(scope, at));
			const rows = await clickhouse.rows<{ name: string; total: number }>(
				sql,
				derivedParameters(scope, at),
				scope.signal,
			);
			return { names: rows.map(({ name }) => name), total: rows[0]?.total ?? 0 };
		},
		async calls(scope, { service, namespace = '' }, windows) {
			const { project, window, environment } = scope;
			const bounds: Parameters = Object.fromEntries(
				windows.flatMap(({ fromMs, toMs }, at) => [
					[`from${at}`, fromMs],
					[`to${at}`, toMs],
				]),
			);
			const own = { service, namespace, ...(environment === undefined ? {} : { environment }) };
			const parameters = { project, ...window, ...bounds, ...own };
			const rows = await clickhouse.rows<CallsRow>(CALLS(scope, windows), parameters, scope.signal);
			return {
				calls: rows.map((row) => ({ edge: endsOf(row), calls: row.counts })),
				edges: countEdges(rows),
				buckets: Math.ceil((window.toMs - window.fromMs) / bucketMs),
				pendingBuckets: deriver.pending('service_edges', project, window),
			};
		},
	};
}
