/** Edges of the service map and its services as rows: of the table of edges, or of spans themselves. */
import { EDGE_TYPES, NODE_TYPES } from '../../../schema/service-map.ts';
import type { EdgeSums, ServiceSums } from '../../analysis/service-map.ts';
import type { RedRow } from '../counts/red-sums.ts';

/** More than a screen can draw or a person can read; what is called least is left out, and said so. */
export const MAX_EDGES = 5_000;
export const MAX_SERVICES = 10_000;

export const named = (side: 'caller' | 'callee'): string =>
	`if(${side}_namespace = '', toString(${side}), concat(${side}_namespace, '/', ${side}))`;

/** The columns of EDGE_KEY. */
const EDGE_NAMES = `
	type, caller_type, callee_type, ${named('caller')} AS callerName, ${named('callee')} AS calleeName, toString(address) AS host`;
/** Columns of EdgeEnds, of rows of `service_edges` that are called `edges` and grouped by EDGE_KEY. */
export const EDGE_ENDS = `
	${EDGE_NAMES},
	toString(any(caller_namespace)) AS callerNamespace, toString(any(callee_namespace)) AS calleeNamespace, count() OVER () AS edges_found`;
export const EDGE_KEY = 'type, caller_type, callee_type, callerName, calleeName, host';

const SUMS = `
	sum(edges.calls) AS requests, sum(edges.errors) AS failed, sum(edges.total_nano) AS totalNano, sum(edges.spans) AS counted`;
const MOST_FIRST = `ORDER BY requests DESC, ${EDGE_KEY} LIMIT ${MAX_EDGES}`;

/** Sums by pair, most calls first. `source`: some thousand rows with the columns of `service_edges`. */
export const edgesSql = (source: string, where: string): string => `
	SELECT ${EDGE_ENDS}, ${SUMS},
		(sumMap(edges.buckets, edges.bucket_calls) AS histogram).1 AS histogramBuckets, histogram.2 AS histogramCalls
	FROM ${source} AS edges WHERE ${where}
	GROUP BY ${EDGE_KEY} ${MOST_FIRST}`;

/**
 * A number for an edge. Of ten thousand edges two have the same once in 10^11 times; who makes up names for it mixes the durations of
 * two edges of their own.
 */
const EDGE_NUMBER = `cityHash64(${EDGE_KEY})`;

/**
 * The same of `service_edges`, of millions of rows: cells of edge and bucket are counted by two numbers, and put into lists afterwards,
 * which takes a sixth of what a map in each edge does.
 */
export const storedEdgesSql = (where: string): string => `
	SELECT known.*, histogramBuckets, histogramCalls
	FROM (
		SELECT ${EDGE_ENDS}, ${SUMS}, ${EDGE_NUMBER} AS edge
		FROM service_edges AS edges WHERE ${where}
		GROUP BY ${EDGE_KEY} ${MOST_FIRST}) AS known
	LEFT JOIN (
		SELECT edge, groupArray(bucket) AS histogramBuckets, groupArray(calls) AS histogramCalls
		FROM (
			SELECT edge, of_bucket AS bucket, sum(in_bucket) AS calls
			FROM (SELECT ${EDGE_NAMES}, ${EDGE_NUMBER} AS edge, buckets, bucket_calls FROM service_edges WHERE ${where})
			ARRAY JOIN buckets AS of_bucket, bucket_calls AS in_bucket
			GROUP BY edge, bucket)
		GROUP BY edge) AS histograms USING (edge)
	ORDER BY requests DESC, ${EDGE_KEY}`;

/** Between whom an edge is. */
export interface EdgeEnds {
	type: number;
	caller_type: number;
	callee_type: number;
	callerName: string;
	calleeName: string;
	callerNamespace: string;
	calleeNamespace: string;
	host: string;
	/** How many there are. */
	edges_found: number;
}
export type EdgeRow = EdgeEnds & RedRow;

export const countEdges = ([first]: readonly EdgeEnds[]): number => first?.edges_found ?? 0;

export const endsOf = (row: EdgeEnds): Pick<EdgeSums, 'type' | 'caller' | 'callee' | 'address'> => ({
	type: EDGE_TYPES[row.type] ?? 'request',
	caller: { type: NODE_TYPES[row.caller_type] ?? 'service', name: row.callerName, namespace: row.callerNamespace },
	callee: { type: NODE_TYPES[row.callee_type] ?? 'external', name: row.calleeName, namespace: row.calleeNamespace },
	address: row.host,
});

/** @param scale how many calls each stands for, where only a share of the traces was read */
export const toEdge = (row: EdgeRow, scale = 1): EdgeSums => ({
	...endsOf(row),
	calls: row.requests * scale,
	errors: row.failed * scale,
	totalNano: row.totalNano * scale,
	spans: row.counted,
	buckets: histogramOf(row, scale),
});

export interface ServiceRow extends Histogram, Pick<RedRow, 'failed'> {
	name: string;
	serviceNamespace: string;
	/** Entry spans. */
	entries: number;
	/** How many services there are. */
	services_found: number;
}

export const countServices = ([first]: readonly ServiceRow[]): number => first?.services_found ?? 0;

export const toService = (row: ServiceRow, scale = 1): ServiceSums => ({
	name: row.name,
	namespace: row.serviceNamespace,
	requests: row.entries * scale,
	errors: row.failed * scale,
	buckets: histogramOf(row, scale),
});

type Histogram = Pick<RedRow, 'histogramBuckets' | 'histogramCalls'>;

const histogramOf = ({ histogramBuckets, histogramCalls }: Histogram, scale: number): Map<number, number> =>
	new Map(histogramBuckets.map((bucket, index) => [bucket, (histogramCalls[index] ?? 0) * scale]));
