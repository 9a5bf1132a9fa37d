/** What of a service map is drawn: the part around the focus, parallel edges as one, services without calls apart. */
import { around } from '../../../collector/analysis/service-map.ts';
import type { ServiceMapAnswer, ServiceMapEdge, ServiceMapNode } from '../../../schema/api-service-map.ts';

/** Edges of several types between the same two nodes are one line. */
export interface DrawnEdge {
	id: string;
	caller: string;
	callee: string;
	calls: number;
	errors: number;
	/** The slowest of the types. */
	p95Nano: number | null;
	edges: ServiceMapEdge[];
}

export interface DrawnMap {
	nodes: ServiceMapNode[];
	edges: DrawnEdge[];
	/** In the focus, and called by nobody and calling nobody. */
	isolated: ServiceMapNode[];
}

/** More than a person can read at once: then the map begins around its busiest node. */
export const MAX_UNFOCUSED = 60;

export const edgeId = ({ caller, callee }: { caller: string; callee: string }): string => `${caller} → ${callee}`;

/** The node that the map is drawn around; none where all of it is. */
export function effectiveFocus(
	map: Pick<ServiceMapAnswer, 'nodes' | 'edges'>,
	focus: string,
	isWhole: boolean,
): string {
	if (map.nodes.some((node) => node.id === focus)) return focus;
	return isWhole || map.nodes.length <= MAX_UNFOCUSED ? '' : busiest(map);
}

function busiest({ nodes, edges }: Pick<ServiceMapAnswer, 'nodes' | 'edges'>): string {
	const calls = new Map<string, number>();
	for (const edge of edges) {
		for (const id of [edge.caller, edge.callee]) calls.set(id, (calls.get(id) ?? 0) + edge.calls);
	}
	return nodes.toSorted((a, b) => (calls.get(b.id) ?? 0) - (calls.get(a.id) ?? 0))[0]?.id ?? '';
}

export function drawnMap(map: Pick<ServiceMapAnswer, 'nodes' | 'edges'>, focus: string, hops: number): DrawnMap {
	const { nodes, edges } = focus === '' ? map : near(map, focus, hops);
	const drawn = new Map<string, DrawnEdge>();
	for (const edge of edges) {
		if (goesThroughQueue(edge, edges)) continue;
		const id = edgeId(edge);
		const { caller, callee } = edge;
		const line = drawn.get(id) ?? { id, caller, callee, calls: 0, errors: 0, p95Nano: null, edges: [] };
		drawn.set(id, line);
		line.calls += edge.calls;
		line.errors += edge.errors;
		line.p95Nano = Math.max(line.p95Nano ?? 0, edge.p95Nano ?? 0);
		line.edges.push(edge);
	}
	const lines = [...drawn.values()];
	const ends = new Set(lines.flatMap(({ caller, callee }) => [caller, callee]));
	const isDrawn = (node: ServiceMapNode): boolean => ends.has(node.id) || node.id === focus;
	return { nodes: nodes.filter(isDrawn), edges: lines, isolated: nodes.filter((node) => !isDrawn(node)) };
}

function near(map: Pick<ServiceMapAnswer, 'nodes' | 'edges'>, focus: string, hops: number) {
	const found = around({ nodes: [...map.nodes], edges: [...map.edges] }, focus, hops);
	const ids = new Set(found.nodes.map((node) => node.id));
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
