/** The service map out of sums of edges: nodes, edges, and what of them lies around one node. */
import { shownQuantiles } from '../../schema/histogram.ts';
import { OTHER_NAME } from '../../schema/service-map.ts';
import type { EdgeType, NodeType } from '../../schema/service-map.ts';

export interface MapNodeName {
	type: NodeType;
	/** Of a service `namespace/name`. */
	name: string;
	/** `service.namespace` of a service that has one. */
	namespace?: string;
}

/** Calls that add up: of one kind between two names, through one address. */
export interface EdgeSums {
	type: EdgeType;
	caller: MapNodeName;
	callee: MapNodeName;
	/** Host that was called; between two services of `messaging`, the queue. Empty where unknown. */
	address: string;
	calls: number;
	errors: number;
	totalNano: number;
	spans: number;
	/** schema/histogram.ts. */
	buckets: ReadonlyMap<number, number>;
}

/** Entry spans of a service. */
export interface ServiceSums {
	/** `namespace/name`. */
	name: string;
	namespace: string;
	requests: number;
	errors: number;
	buckets: ReadonlyMap<number, number>;
}

interface Quantiles {
	p50Nano: number | null;
	p95Nano: number | null;
	p99Nano: number | null;
}

/** Numbers of a service are those of its entry spans, of anything else those of the calls of it. */
export interface MapNode extends MapNodeName, Quantiles {
	id: string;
	/** `service.namespace`; empty where there is none. */
	namespace: string;
	requests: number;
	errors: number;
}

export interface MapEdge extends Quantiles {
	/** Ids of nodes. */
	caller: string;
	callee: string;
	type: EdgeType;
	calls: number;
	errors: number;
	/** Of the calls of a service, those that no span of it answers. */
	unanswered: number;
	totalNano: number;
	/** Between two services of `messaging`: the queues that the messages went through. */
	via: string[];
}

export interface MapGraph {
	nodes: MapNode[];
	edges: MapEdge[];
}

export const nodeId = ({ type, name }: MapNodeName): string => `${type}:${name}`;

/**
 * Nodes and edges, most called first. `services` are all there are, so that one that nobody calls is a node too.
 *
 * A call that nothing answered goes to a stranger, unless it says which service it meant or went to a host at which one
 * service answered others: when a service is down, its callers still show who it was.
 */
export function serviceMap(sums: readonly EdgeSums[], services: readonly ServiceSums[]): MapGraph {
	const known = namespacesOf(sums, services);
	const owners = ownersOfAddresses(sums);
	const nodes = new Map<string, NodeUnderWay>();
	const add = (node: MapNodeName): NodeUnderWay => {
		const id = nodeId(node);
		const namespace = (node.type === 'service' && known.get(node.name)) || '';
		const found = nodes.get(id) ?? { id, ...node, namespace, requests: 0, errors: 0, buckets: new Map() };
		nodes.set(id, found);
		return found;
	};
	const edges = new Map<string, EdgeUnderWay>();
	for (const sum of sums) {
		const callee = meantBy(sum, known, owners);
		const from = add(sum.caller);
		const to = add(callee);
		const key = JSON.stringify([from.id, to.id, sum.type]);
		const edge = edges.get(key) ?? newEdge(from.id, to.id, sum.type);
		edges.set(key, edge);
		addTo(edge, sum, callee !== sum.callee);
		if (to.type !== 'service') addCalls(to, { ...sum, requests: sum.calls });
	}
	for (const service of services) addCalls(add({ type: 'service', name: service.name }), service);
	return {
		nodes: [...nodes.values()].map(({ buckets, ...node }) => ({ ...node, ...shownQuantiles(buckets) })),
		edges: [...edges.values()].map(finished).sort(byCalls),
	};
}

/** Every service there is, and its namespace. */
function namespacesOf(sums: readonly EdgeSums[], services: readonly ServiceSums[]): Map<string, string> {
	const ends = sums.flatMap(({ caller, callee }) => [caller, callee]).filter(({ type }) => type === 'service');
	return new Map([...ends, ...services].map(({ name, namespace }) => [name, namespace ?? '']));
}

/** Along which edges: towards callers, towards what is called, or both. */
export type MapDirection = 'both' | 'up' | 'down';

/** Ids of the node and of what is at most `hops` edges away from it. Empty where there is no such node. */
export function around(
	graph: { nodes: readonly { id: string }[]; edges: readonly { caller: string; callee: string }[] },
	focus: string,
	hops: number,
	direction: MapDirection = 'both',
): Set<string> {
	const near = new Set(graph.nodes.some((node) => node.id === focus) ? [focus] : []);
	for (let hop = 0; hop < hops; hop += 1) {
		const before = new Set(near);
		for (const { caller, callee } of graph.edges) {
			if (direction !== 'up' && before.has(caller)) near.add(callee);
			if (direction !== 'down' && before.has(callee)) near.add(caller);
		}
	}
	return near;
}

/** The part of a graph that these nodes make. */
export const partOf = ({ nodes, edges }: MapGraph, ids: ReadonlySet<string>): MapGraph => ({
	nodes: nodes.filter((node) => ids.has(node.id)),
	edges: edges.filter((edge) => ids.has(edge.caller) && ids.has(edge.callee)),
});

interface NodeUnderWay extends Omit<MapNode, keyof Quantiles> {
	buckets: Map<number, number>;
}

function addCalls(
	node: NodeUnderWay,
	{ requests, errors, buckets }: Pick<ServiceSums, 'requests' | 'errors' | 'buckets'>,
): void {
	node.requests += requests;
	node.errors += errors;
	addBuckets(node.buckets, buckets);
}

function addBuckets(to: Map<number, number>, buckets: ReadonlyMap<number, number>): void {
	for (const [bucket, calls] of buckets) to.set(bucket, (to.get(bucket) ?? 0) + calls);
}

interface EdgeUnderWay extends Omit<MapEdge, keyof Quantiles | 'via'> {
	buckets: Map<number, number>;
	via: Set<string>;
}

const newEdge = (caller: string, callee: string, type: EdgeType): EdgeUnderWay => ({
	caller,
	callee,
	type,
	calls: 0,
	errors: 0,
	unanswered: 0,
	totalNano: 0,
	buckets: new Map(),
	via: new Set(),
});

function addTo(edge: EdgeUnderWay, sum: EdgeSums, isUnanswered: boolean): void {
	edge.calls += sum.calls;
	edge.errors += sum.errors;
	edge.totalNano += sum.totalNano;
	if (isUnanswered) edge.unanswered += sum.calls;
	addBuckets(edge.buckets, sum.buckets);
	if (sum.type === 'messaging' && sum.address !== '') edge.via.add(sum.address);
}

function finished({ buckets, via, ...edge }: EdgeUnderWay): MapEdge {
	return { ...edge, ...shownQuantiles(buckets), via: [...via].sort() };
}

const byCalls = (a: MapEdge, b: MapEdge): number =>
	b.calls - a.calls || compare(a.caller, b.caller) || compare(a.callee, b.callee) || compare(a.type, b.type);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Which service answered at which address; none where several did, as behind a gateway. */
function ownersOfAddresses(sums: readonly EdgeSums[]): ReadonlyMap<string, string | undefined> {
	const owners = new Map<string, string | undefined>();
	for (const { type, callee, address } of sums) {
		if (type !== 'request' || callee.type !== 'service' || callee.name === OTHER_NAME || address === '') continue;
		owners.set(address, owners.has(address) && owners.get(address) !== callee.name ? undefined : callee.name);
	}
	return owners;
}

/** The very `callee` of the sums where there is nothing to add. */
function meantBy(
	{ type, callee, address }: EdgeSums,
	known: ReadonlyMap<string, string>,
	owners: ReadonlyMap<string, string | undefined>,
): MapNodeName {
	if (type !== 'request' || callee.type !== 'external' || callee.name === '' || callee.name === OTHER_NAME)
		return callee;
	if (known.has(callee.name)) return { type: 'service', name: callee.name };
	const owner = callee.name === address ? owners.get(address) : undefined;
	return owner === undefined ? callee : { type: 'service', name: owner };
}
