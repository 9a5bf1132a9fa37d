import type { ServiceMapEdge } from '../../schema/api-service-map.ts';
import { EDGE_SORTS } from './edge-sorts.ts';
import type { EdgeSort } from './edge-sorts.ts';
import { nodeLabel, nodeOfId } from './map/node-facts.ts';

const MEASURES: Readonly<Record<Exclude<EdgeSort, 'caller' | 'callee'>, (edge: ServiceMapEdge) => number>> = {
	calls: (edge) => edge.calls,
	errors: (edge) => (edge.calls === 0 ? 0 : edge.errors / edge.calls),
	p50: (edge) => edge.p50Nano ?? -1,
	p95: (edge) => edge.p95Nano ?? -1,
	p99: (edge) => edge.p99Nano ?? -1,
	total: (edge) => edge.totalNano,
};

const namesOf = ({ caller, callee }: ServiceMapEdge) => ({
	caller: nodeLabel(nodeOfId(caller)),
	callee: nodeLabel(nodeOfId(callee)),
});

/** Those with a part of the text in either name, sorted; equals stand by their names. */
export function arrangeEdges(
	edges: readonly ServiceMapEdge[],
	sort: EdgeSort | `-${EdgeSort}`,
	filter: string,
): ServiceMapEdge[] {
	const sought = filter.trim().toLowerCase();
	const found = edges.filter((edge) =>
		Object.values(namesOf(edge)).some((name) => name.toLowerCase().includes(sought)),
	);
	const sign = sort.startsWith('-') ? -1 : 1;
	const by = EDGE_SORTS.find((name) => name === sort.replace('-', '')) ?? 'calls';
	return found.sort((a, b) => {
		const [left, right] = [namesOf(a), namesOf(b)];
		const names = compare(left.caller, right.caller) || compare(left.callee, right.callee) || compare(a.type, b.type);
		if (by === 'caller' || by === 'callee') return sign * compare(left[by], right[by]) || names;
		return sign * (MEASURES[by](a) - MEASURES[by](b)) || names;
	});
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
