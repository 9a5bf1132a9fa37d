/** What of a service map is drawn: the part around the focus, parallel edges as one, services without calls apart. */
import { around } from '../../../collector/analysis/service-map.ts';
import type { MapDirection } from '../../../collector/analysis/service-map.ts';
import type { ServiceMapEdge } from '../../../schema/api-service-map.ts';
import type { DrawnNode, OpenGroup, ShownMap } from './map-groups.ts';

/** Edges of several types between the same two nodes are one line. */
export interface DrawnEdge {
	id: string;
	caller: string;
	callee: string;
	calls: number;
	errors: number;
	/** The slowest of the types; none where several edges are added up, whose quantiles don't. */
	p95Nano: number | null;
	edges: ServiceMapEdge[];
}

export interface DrawnMap {
	nodes: DrawnNode[];
	edges: DrawnEdge[];
	/** Namespaces that are looked into, with their nodes that are drawn. */
	groups: OpenGroup[];
	/** In the focus, and called by nobody and calling nobody. */
	isolated: DrawnNode[];
}

/** More than a person can read at once: then the map begins around its busiest node. */
export const MAX_UNFOCUSED = 60;

export const edgeId = ({ caller, callee }: { caller: string; callee: string }): string => `${caller} → ${callee}`;

/** `id` is its own, or that of a node that it leaves or enters. */
export const isOf = ({ id, caller, callee }: DrawnEdge, what: string): boolean => [id, caller, callee].includes(what);

/** Ids of the edges of a node, or of one edge, and of the nodes at their ends. */
export const nearTo = (edges: readonly DrawnEdge[], what: string): Set<string> =>
	new Set(edges.flatMap((edge) => (isOf(edge, what) ? [edge.caller, edge.callee, edge.id] : [])));

/** The node that the map is drawn around; none where all of it is. */
export function effectiveFocus(map: Pick<ShownMap, 'nodes' | 'edges'>, focus: string, isWhole: boolean): string {
	if (map.nodes.some((node) => node.id === focus)) return focus;
	return isWhole || map.nodes.length <= MAX_UNFOCUSED ? '' : busiest(map);
}

function busiest({ nodes, edges }: Pick<ShownMap, 'nodes' | 'edges'>): string {
	const calls = new Map<string, number>();
	for (const edge of edges) {
		for (const id of [edge.caller, edge.callee]) calls.set(id, (calls.get(id) ?? 0) + edge.calls);
	}
	return nodes.toSorted((a, b) => (calls.get(b.id) ?? 0) - (calls.get(a.id) ?? 0))[0]?.id ?? '';
}

export function drawnMap(map: ShownMap, focus: string, hops: number, direction: MapDirection = 'both'): DrawnMap {
	const { nodes, edges } = focus === '' ? map : near(map, focus, hops, direction);
	const drawn = new Map<string, DrawnEdge>();
	for (const edge of edges) {
		if (goesThroughQueue(edge, edges)) continue;
		const id = edgeId(edge);
		const { caller, callee } = edge;
		const line = drawn.get(id) ?? { id, caller, callee, calls: 0, errors: 0, p95Nano: null, edges: [] };
		drawn.set(id, line);
		line.calls += edge.calls;
		line.errors += edge.errors;
		const isFirst = line.edges.length === 0;
		line.p95Nano = isFirst ? edge.p95Nano : edge.p95Nano && line.p95Nano && Math.max(line.p95Nano, edge.p95Nano);
		line.edges.push(edge);
	}
	const lines = [...drawn.values()];
	const ends = new Set(lines.flatMap(({ caller, callee }) => [caller, callee]));
	// A namespace has something to be looked into, whether or not others call it.
	const isDrawn = ({ id, type }: DrawnNode): boolean => ends.has(id) || id === focus || type === 'group';
	const drawnNodes = nodes.filter(isDrawn);
	const ids = new Set(drawnNodes.map(({ id }) => id));
	const groups = map.openGroups
		.map((group) => ({ ...group, members: group.members.filter((id) => ids.has(id)) }))
		.filter(({ members }) => members.length > 0);
	return { nodes: drawnNodes, edges: lines, groups, isolated: nodes.filter((node) => !isDrawn(node)) };
}

function near(map: ShownMap, focus: string, hops: number, direction: MapDirection) {
	const ids = around(map, focus, hops, direction);
	return {
		nodes: map.nodes.filter((node) => ids.has(node.id)),
		edges: map.edges.filter((edge) => ids.has(edge.caller) && ids.has(edge.callee)),
	};
}

/** What goes from service to service through a queue is drawn as two edges already, if the queue is on the map. */
function goesThroughQueue(edge: ServiceMapEdge, edges: readonly ServiceMapEdge[]): boolean {
	if (edge.type !== 'messaging' || edge.via.length === 0) return false;
	return edge.via.every((queue) => {
		const id = `queue:${queue}`;
		const sends = edges.some((other) => other.caller === edge.caller && other.callee === id);
		return sends && edges.some((other) => other.caller === id && other.callee === edge.callee);
	});
}
