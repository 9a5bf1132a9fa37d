/** The service map of the traces that a search finds, from their spans. */
import type { Partial, TimeWindow } from '../../../schema/api.ts';
import type { CompiledQuery } from '../../analysis/query-to-sql.ts';
import type { EdgeSums, ServiceSums } from '../../analysis/service-map.ts';
import { messageWaitMs, nearMs, ONCE } from '../buckets/bucket-spans.ts';
import { settlingMs } from '../buckets/due-buckets.ts';
import { wholeMinutes } from '../buckets/newest-version.ts';
import { callsOfEdges, sendersOf } from '../buckets/service-edges-sql.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { countEdges, countServices, edgesSql, MAX_SERVICES, toEdge, toService } from './edge-rows.ts';
import type { EdgeRow, ServiceRow } from './edge-rows.ts';
import type { ReadBudget } from '../read-budget.ts';
import { inScope, scopeParameters, SERVICE_NAME } from '../read-scope.ts';
import type { WindowScope } from '../reader-types.ts';
import { BUCKET } from '../duration-bucket.ts';

export interface MatchedEdges {
	window: TimeWindow;
	edges: EdgeSums[];
	services: ServiceSums[];
	/** That match. */
	traces: number;
	/** How many edges there are: where it is more, the least called are missing. */
	edgesFound: number;
	/** How many services there are: where it is more, those with the fewest requests are missing. */
	servicesFound: number;
	partial?: Partial;
}

/** Of more traces a sample is read, and stands for all of them; likewise where they have more spans than this. */
export interface SampleBounds {
	maxTraces: number;
	maxSpans: number;
}
const bounds: SampleBounds = { maxTraces: 5_000, maxSpans: 2_000_000 };

/** Those with the smallest hashes are a fair sample of all, and the same each time. */
const MATCHING = (scope: WindowScope, { where }: CompiledQuery, { maxTraces }: SampleBounds) => `
	SELECT count() AS traces,
		arrayMap(one -> lower(hex(one.2)), groupArraySorted(${maxTraces})((cityHash64(trace_id), trace_id))) AS ids
	FROM (SELECT trace_id FROM spans WHERE ${inScope(scope)} AND (${where}) GROUP BY trace_id)`;

/** ClickHouse takes 128 KiB for each value that is bound: so many ids in each of so many lists. */
const IDS_BOUND = 500;
const LISTS = Array.from({ length: bounds.maxTraces / IDS_BOUND }, (_, place) => `traces${place}`);
const IN_TRACES = `trace_id IN (SELECT toFixedString(unhex(arrayJoin(arrayConcat(${LISTS.map((list) => `{${list}:Array(String)}`).join(', ')}))), 16))`;

const boundTraces = (ids: readonly string[]): Parameters =>
	Object.fromEntries(LISTS.map((list, place) => [list, ids.slice(place * IDS_BOUND, (place + 1) * IDS_BOUND)]));

/** Spans that ended in the window, or up to so many milliseconds before and after it. */
const near = (beforeMs: number, afterMs: number): string => `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({fromMs:Int64} - ${beforeMs}, 'UTC')
	AND time < fromUnixTimestamp64Milli({toMs:Int64} + ${afterMs}, 'UTC')`;

const SIZES = `
	SELECT lower(hex(trace_id)) AS id, count() AS spans
	FROM spans WHERE ${near(nearMs, nearMs)} AND ${IN_TRACES} GROUP BY trace_id`;

const counted = (scope: WindowScope): string => `${inScope(scope)} AND ${IN_TRACES}`;

const EDGES = (scope: WindowScope) => {
	const calls = callsOfEdges({
		counted: counted(scope),
		near: `${near(nearMs, nearMs)} AND ${IN_TRACES}`,
		senders: `${near(messageWaitMs, nearMs)} AND trace_id IN (${sendersOf(counted(scope))})`,
	});
	const rows = `SELECT edge_type AS type, caller_type, callee_type, caller_namespace, caller, callee_namespace, callee, address,
		weight AS calls, weight * error AS errors, weight * duration_nano AS total_nano, toUInt64(1) AS spans,
		[${BUCKET}] AS buckets, [weight] AS bucket_calls FROM (${calls})`;
	return edgesSql(`(${rows})`, '1');
};

const SERVICES = (scope: WindowScope) => `
	SELECT ${SERVICE_NAME} AS name, toString(any(service_namespace)) AS serviceNamespace, sumIf(weight, entry = 1) AS entries,
		sumIf(weight, entry = 1 AND error = 1) AS failed,
		(sumMapIf([${BUCKET}], [weight], entry = 1) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls,
		count() OVER () AS services_found
	FROM (
		SELECT service_namespace, service, entry, error, weight, duration_nano FROM spans WHERE ${counted(scope)} ${ONCE}
	)
	GROUP BY name ORDER BY entries DESC, name LIMIT ${MAX_SERVICES}`;

/**
 * Calls that ended in the window, of traces that have a span in it of which the condition holds. The window is widened to whole
 * minutes, as that of the whole map is.
 */
export async function readMatchedEdges(
	clickhouse: ClickHouse,
	budget: ReadBudget,
	asked: WindowScope,
	query: CompiledQuery,
	most: SampleBounds = bounds,
): Promise<MatchedEdges> {
	const whole = { ...asked, window: wholeMinutes(asked.window) };
	const { scope, partial } = await budget.within(whole, query);
	const bound = scopeParameters(scope);
	const [found] = await clickhouse.rows<{ traces: number; ids: string[] }>(
		MATCHING(scope, query, most),
		{ ...query.parameters, ...bound },
		scope.signal,
	);
	const { traces = 0, ids = [] } = found ?? {};
	const cut = partial === undefined ? {} : { partial };
	if (ids.length === 0)
		return { window: whole.window, edges: [], services: [], traces, edgesFound: 0, servicesFound: 0, ...cut };
	const sizes = await clickhouse.rows<{ id: string; spans: number }>(
		SIZES,
		{ ...bound, ...boundTraces(ids) },
		scope.signal,
	);
	const read = affordable(ids, new Map(sizes.map(({ id, spans }) => [id, spans])), most);
	const parameters = { ...bound, ...boundTraces(read), settledMs: Date.now() - settlingMs };
	const [edges, services] = await Promise.all([
		clickhouse.rows<EdgeRow>(EDGES(scope), parameters, scope.signal),
		clickhouse.rows<ServiceRow>(SERVICES(scope), parameters, scope.signal),
	]);
	const scale = traces / read.length;
	return {
		window: whole.window,
		edges: edges.map((row) => toEdge(row, scale)),
		services: services.map((row) => toService(row, scale)),
		traces,
		edgesFound: countEdges(edges),
		servicesFound: countServices(services),
		...(scale === 1 ? cut : { partial: { reason: SAMPLED, seen: read.length, of: traces, what: 'traces' } }),
	};
}

const SAMPLED = 'Calls and rates are estimated from these, chosen evenly.';

/** As many of the first as don't have too many spans together, and one at least. */
function affordable(
	ids: readonly string[],
	spansOf: ReadonlyMap<string, number>,
	{ maxSpans }: SampleBounds,
): string[] {
	let spans = 0;
	return ids.filter((id, index) => {
		spans += spansOf.get(id) ?? 0;
		return index === 0 || spans <= maxSpans;
	});
}
