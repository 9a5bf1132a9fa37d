/** Which edges of a map are laid out where all of them would be too many to see anything: where nearly everything calls everything. */
import { around } from '../../../collector/analysis/service-map.ts';
import type { DrawnEdge, DrawnMap } from './drawn-map.ts';

/** Up to so many, all are: they can be followed, and dagre takes a quarter of a second at most (ADR 0070). */
export const MOST_EDGES = 100;
/** Of more, so many. */
export const FEW_EDGES = 60;
/** Of the node in the middle, whose edges cross nothing. */
export const MOST_OWN = 200;
/** What was chosen stays while it has this share of the calls of what would be chosen now. */
const STEADY_SHARE = 0.9;

type EdgesOf = Pick<DrawnMap, 'nodes' | 'edges'>;

/**
 * The edge over which each node is reached best, all of the one in the middle, and then the busiest, up to a number. Near the
 * middle comes first; without one, more calls do.
 */
export function busiestEdges({ nodes, edges }: EdgesOf, focus: string): DrawnEdge[] {
	const distanceOf = distances({ nodes, edges }, focus);
	const ranked = edges.map((edge) => ({ edge, rank: Math.min(distanceOf(edge.caller), distanceOf(edge.callee)) }));
	const sorted = ranked
		.sort((a, b) => a.rank - b.rank || b.edge.calls - a.edge.calls || (a.edge.id < b.edge.id ? -1 : 1))
		.map(({ edge }) => edge);
	const chosen = new Set<DrawnEdge>();
	const reached = new Set<string>();
	for (const edge of sorted) {
		if (edge.caller === edge.callee) continue;
		// Ends of what is nearest and busiest first: the first edge of a node is its best.
		if (!reached.has(edge.caller) || !reached.has(edge.callee)) chosen.add(edge);
		reached.add(edge.caller).add(edge.callee);
	}
	for (const edge of sorted) {
		const isOwn = edge.caller === focus || edge.callee === focus;
		if (chosen.size < (isOwn ? MOST_OWN : FEW_EDGES)) chosen.add(edge);
	}
	return [...chosen];
}

/** In calls from the node in the middle; 0 of all where there is none. */
function distances(map: EdgesOf, focus: string): (id: string) => number {
	if (focus === '') return () => 0;
	const found = new Map<string, number>();
	for (let hops = 0, before = -1; found.size > before && hops <= map.nodes.length; hops += 1) {
		before = found.size;
		for (const id of around(map, focus, hops)) if (!found.has(id)) found.set(id, hops);
	}
	return (id) => found.get(id) ?? map.nodes.length;
}

/** Chooses anew only when there are other nodes or edges, or the busiest are clearly others: a refresh should move nothing. */
export class LaidOutEdges {
	#of = '';
	#chosen: ReadonlySet<string> = new Set();

	/** Ids; undefined where all are laid out. */
	of(map: EdgesOf, focus: string): ReadonlySet<string> | undefined {
		if (map.edges.length <= MOST_EDGES) return undefined;
		const of = JSON.stringify([focus, map.nodes.map(({ id }) => id).sort(), map.edges.map(({ id }) => id).sort()]);
		const busiest = busiestEdges(map, focus);
		const kept = map.edges.filter(({ id }) => this.#chosen.has(id));
		if (of !== this.#of || callsOf(kept) < STEADY_SHARE * callsOf(busiest))
			this.#chosen = new Set(busiest.map(({ id }) => id));
		this.#of = of;
		return this.#chosen;
	}
}

const callsOf = (edges: readonly DrawnEdge[]): number => edges.reduce((sum, { calls }) => sum + calls, 0);
