import type { Trace } from '../../../schema/trace-columns.ts';
import { durationOf, hasFlag } from '../span-facts.ts';

export interface GraphNode {
	/** Index into the trace's services. */
	service: number;
	spans: number;
	errors: number;
	self: number;
	/** Column from the left, and place within it, from 0. */
	column: number;
	place: number;
}
/** Calls from one service to another: spans whose parent is of the other. */
export interface GraphEdge {
	from: number;
	to: number;
	calls: number;
	errors: number;
	total: number;
}
export interface ServiceGraph {
	nodes: GraphNode[];
	edges: GraphEdge[];
	columns: number;
	/** Nodes in the fullest column. */
	tallest: number;
}

/** The services of a trace, from callers on the left to callees on the right. */
export function serviceGraph(trace: Trace): ServiceGraph {
	const nodes = new Map<number, GraphNode>();
	const edges = new Map<number, GraphEdge>();
	for (let row = 0; row < trace.count; row++) {
		const service = trace.service[row] ?? 0;
		const node = nodes.get(service) ?? { service, spans: 0, errors: 0, self: 0, column: 0, place: 0 };
		nodes.set(service, node);
		node.spans++;
		node.errors += hasFlag(trace, row, 'error') ? 1 : 0;
		node.self += trace.self[row] ?? 0;
		const parent = trace.parent[row] ?? -1;
		const caller = parent < 0 ? service : (trace.service[parent] ?? 0);
		if (caller !== service) addCall(edges, trace, row, caller, service);
	}
	place([...nodes.values()], [...edges.values()]);
	const list = [...nodes.values()];
	return {
		nodes: list,
		edges: [...edges.values()].sort((a, b) => b.total - a.total),
		columns: Math.max(0, ...list.map(({ column }) => column)) + 1,
		tallest: Math.max(0, ...list.map(({ place }) => place)) + 1,
	};
}

function addCall(edges: Map<number, GraphEdge>, trace: Trace, row: number, from: number, to: number): void {
	const key = from * trace.services.length + to;
	const edge = edges.get(key) ?? { from, to, calls: 0, errors: 0, total: 0 };
	edges.set(key, edge);
	edge.calls++;
	edge.errors += hasFlag(trace, row, 'error') ? 1 : 0;
	edge.total += durationOf(trace, row);
}

/** Columns by the longest way from a service that nobody calls; within a column by where the callers stand. */
function place(nodes: GraphNode[], edges: readonly GraphEdge[]): void {
	const byService = new Map(nodes.map((node) => [node.service, node]));
	// Services come in the order of their first spans, so an edge to an earlier one goes back: it moves nothing.
	const order = new Map(nodes.map((node, index) => [node.service, index]));
	const forward = edges.filter(({ from, to }) => (order.get(from) ?? 0) < (order.get(to) ?? 0));
	for (const node of nodes) {
		for (const edge of forward) {
			if (edge.to === node.service) node.column = Math.max(node.column, (byService.get(edge.from)?.column ?? 0) + 1);
		}
	}
	const columns = Map.groupBy(nodes, ({ column }) => column);
	for (const column of [...columns.keys()].sort((a, b) => a - b)) {
		const members = columns.get(column) ?? [];
		const middle = (node: GraphNode): number => {
			const callers = forward
				.filter(({ to }) => to === node.service)
				.map(({ from }) => byService.get(from)?.place ?? 0);
			return callers.length === 0 ? 0 : callers.reduce((sum, place) => sum + place, 0) / callers.length;
		};
		const sorted = members.map((node) => ({ node, at: middle(node) })).sort((a, b) => a.at - b.at);
		sorted.forEach(({ node }, index) => (node.place = index));
	}
}
