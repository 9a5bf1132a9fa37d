/** The window of a map in slices, and a map with the figures of one. */
import type { ServiceMapAnswer, ServiceMapEdge, ServiceMapNode } from '../../../schema/api-service-map.ts';
import type { TimeWindow } from '../../../schema/api.ts';

const MINUTE_MS = 60_000;
const MOST_SLICES = 24;

/** Whole minutes, as calls are counted; at most 24, equally long but for the last. Fewer than two are none. */
export function slicesOf({ fromMs, toMs }: TimeWindow): TimeWindow[] {
	const first = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS;
	const end = Math.ceil(toMs / MINUTE_MS) * MINUTE_MS;
	const stepMs = Math.max(1, Math.ceil((end - first) / MINUTE_MS / MOST_SLICES)) * MINUTE_MS;
	const count = Math.ceil((end - first) / stepMs);
	if (count < 2) return [];
	return Array.from({ length: count }, (_, i) => ({
		fromMs: first + i * stepMs,
		toMs: Math.min(end, first + (i + 1) * stepMs),
	}));
}

const NOTHING = { errors: 0, p50Nano: null, p95Nano: null, p99Nano: null };
const keyOf = ({ caller, callee, type }: ServiceMapEdge): string => JSON.stringify([caller, callee, type]);

/** All that is on the map of the whole window, with the figures of the slice: what was quiet then is there, with none. */
export function withFiguresOf(whole: ServiceMapAnswer, slice: ServiceMapAnswer): ServiceMapAnswer {
	const nodes = new Map(slice.nodes.map((node) => [node.id, node]));
	const edges = new Map(slice.edges.map((edge) => [keyOf(edge), edge]));
	return {
		...slice,
		nodes: whole.nodes.map((node): ServiceMapNode => nodes.get(node.id) ?? { ...node, ...NOTHING, requests: 0 }),
		edges: whole.edges.map(
			(edge): ServiceMapEdge =>
				edges.get(keyOf(edge)) ?? { ...edge, ...NOTHING, calls: 0, totalNano: 0, unanswered: 0 },
		),
	};
}
