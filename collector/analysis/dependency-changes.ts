/** What a service calls that it did not call before, and what it calls no more. */
import { OTHER_NAME } from '../../schema/service-map.ts';
import { nodeId, serviceMap } from './service-map.ts';
import type { EdgeSums, MapNodeName } from './service-map.ts';

/** Calls of one service that add up, in each of some windows. */
export interface CallsByWindow {
	edge: Pick<EdgeSums, 'type' | 'caller' | 'callee' | 'address'>;
	calls: readonly number[];
}

/** By index in `CallsByWindow`: `left` is as long as `late`, and ends where what is new begins. */
export const WINDOWS = { earlier: 0, since: 1, left: 2, late: 3 } as const;

interface CalledNode {
	/** Id of a node of the service map. */
	node: string;
	calls: number;
}

/** What is called less may not have had its turn yet. */
const leastCalls = 10;

/** Most called first. `services` are all there are: they say who is meant by calls that nobody answered. */
export function dependencyChanges(
	calls: readonly CallsByWindow[],
	services: readonly string[],
): { added: CalledNode[]; gone: CalledNode[] } {
	const [earlier, since, left, late] = [WINDOWS.earlier, WINDOWS.since, WINDOWS.left, WINDOWS.late].map((window) =>
		calledIn(calls, services, window),
	) as [Called, Called, Called, Called];
	return {
		added: listOf(since).filter(({ node }) => !earlier.has(node)),
		gone: listOf(left).filter(({ node, calls: before }) => before >= leastCalls && !late.has(node)),
	};
}

type Called = Map<string, number>;

const listOf = (called: Called): CalledNode[] =>
	[...called].map(([node, calls]) => ({ node, calls })).sort((a, b) => b.calls - a.calls || (a.node < b.node ? -1 : 1));

/** Calls by what is called. Those of all windows go in, because whoever answered in one tells who is meant in another. */
function calledIn(calls: readonly CallsByWindow[], services: readonly string[], window: number): Called {
	const sums = calls.filter(isOfService).map(({ edge, calls: counts }) => ({
		...edge,
		calls: counts[window] ?? 0,
		errors: 0,
		totalNano: 0,
		spans: 0,
		buckets: new Map<number, number>(),
	}));
	const known = services.map((name) => ({ name, namespace: '', requests: 0, errors: 0, buckets: new Map() }));
	const called: Called = new Map();
	for (const edge of serviceMap(sums, known).edges) {
		if (edge.calls === 0 || edge.callee === edge.caller) continue;
		called.set(edge.callee, (called.get(edge.callee) ?? 0) + edge.calls);
	}
	return called;
}

/**
 * Of messages the queue is what a service depends on, not who takes them from it. What stands for many names, or has none,
 * can't be told from another.
 */
const isOfService = ({ edge: { type, callee } }: CallsByWindow): boolean =>
	!(type === 'messaging' && callee.type === 'service') && isNamed(callee);

const isNamed = (node: MapNodeName): boolean =>
	node.name !== OTHER_NAME && nodeId(node) !== nodeId({ type: 'external', name: '' });
