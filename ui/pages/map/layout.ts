/** Where nodes and edges of the map lie: callers left of what they call. */
import { Graph, layout as layOut } from '@dagrejs/dagre';

export interface Point {
	x: number;
	y: number;
}

export interface PlacedNode extends Point {
	id: string;
}

export interface MapLayout {
	width: number;
	height: number;
	/** Middle of each node. */
	nodes: PlacedNode[];
	/** Corners of each edge, by its id. */
	edges: ReadonlyMap<string, Point[]>;
	groups: PlacedGroup[];
}

/** A box around the nodes of a group, from its corner on the left at the top; its head is within. */
export interface PlacedGroup extends Point {
	id: string;
	width: number;
	height: number;
}

export const NODE_WIDTH = 200;
export const NODE_HEIGHT = 44;
/** Room beside the nodes in a box, and above them for its head. */
const BOX_PADDING = 10;
export const BOX_HEAD = 24;
/** Between two lines that run along each other. */
const BESIDE = 6;
/** Room for the marks of a node and for edges that turn back. */
const MARGIN = 24;

export interface Layable {
	nodes: readonly { id: string }[];
	edges: readonly { id: string; caller: string; callee: string }[];
	/** Nodes that lie together in a box. */
	groups?: readonly { id: string; members: readonly string[] }[];
}

/**
 * Depends on which nodes and edges there are alone, not on their order or their numbers: a refresh that brings other numbers
 * moves nothing.
 */
export function mapLayout({ nodes, edges, groups = [] }: Layable): MapLayout {
	const graph = new Graph({ directed: true, multigraph: false, compound: groups.length > 0 });
	graph.setGraph({ rankdir: 'LR', nodesep: 18, ranksep: 60, edgesep: 12, marginx: MARGIN, marginy: MARGIN });
	graph.setDefaultEdgeLabel(() => ({}));
	for (const { id } of nodes.toSorted(byId)) graph.setNode(id, { width: NODE_WIDTH, height: NODE_HEIGHT });
	group(graph, groups);
	// A call of oneself is drawn beside the node and needs no place.
	const between = edges.filter(({ caller, callee }) => caller !== callee).toSorted(byId);
	// Of two that call each other one line is enough to say where they lie: which one hangs on names, not on numbers.
	for (const { caller, callee } of between) if (!graph.hasEdge(callee, caller)) graph.setEdge(caller, callee);
	layOut(graph);
	const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
	const placed = nodes.map(({ id }): PlacedNode => {
		const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
		return { id, x, y };
	});
	const places = new Map(placed.map((node) => [node.id, node]));
	const ports = portsOf(between, places);
	const corners = between.map(({ id, caller, callee }): [string, Point[]] => {
		const points = cornersOf(graph, caller, callee);
		const { from, to } = ports.get(id) ?? {};
		// The outer corners are where the middles of the nodes see each other: lines look calmer from side to side.
		return [id, from && to ? [from, ...points.slice(1, -1), to] : points];
	});
	return {
		width: Number.isFinite(width) ? width : 0,
		height: Number.isFinite(height) ? height : 0,
		nodes: placed,
		edges: new Map(corners),
		groups: groups.map((one) => boxOf(one, places, graph.node(one.id) as Partial<Rectangle>)),
	};
}

/** What goes back beside a line lies a little below it. */
function cornersOf(graph: Graph, caller: string, callee: string): Point[] {
	const pointsOf = (from: string, to: string) => (graph.edge(from, to) as { points?: Point[] }).points ?? [];
	if (graph.hasEdge(caller, callee)) return pointsOf(caller, callee);
	return pointsOf(callee, caller)
		.map(({ x, y }) => ({ x, y: y + BESIDE }))
		.reverse();
}

/** A head needs room: it is laid out as a row of its own on top would be, by a larger distance between nodes. */
function group(graph: Graph, groups: Layable['groups'] = []): void {
	if (groups.length === 0) return;
	graph.setGraph({ ...(graph.graph() as object), nodesep: BOX_HEAD + BOX_PADDING, ranksep: 72 });
	for (const { id, members } of groups.toSorted(byId)) {
		graph.setNode(id, {});
		for (const member of members.toSorted()) if (graph.hasNode(member)) graph.setParent(member, id);
	}
}

interface Rectangle extends Point {
	width: number;
	height: number;
}

/** Around its nodes, and around `laidOut`, in which the lines between them lie. */
function boxOf(
	{ id, members }: { id: string; members: readonly string[] },
	places: ReadonlyMap<string, Point>,
	{ y = Number.NaN, height = 0 }: Partial<Rectangle>,
): PlacedGroup {
	const within = members.flatMap((member) => places.get(member) ?? []);
	const known = (...sides: number[]): number[] => sides.filter((side) => Number.isFinite(side));
	const xs = within.map((node) => node.x);
	const ys = within.map((node) => node.y);
	const left = Math.min(...xs.map((one) => one - NODE_WIDTH / 2 - BOX_PADDING));
	const right = Math.max(...xs.map((one) => one + NODE_WIDTH / 2 + BOX_PADDING));
	const top = Math.min(...ys.map((one) => one - NODE_HEIGHT / 2 - BOX_HEAD), ...known(y - height / 2));
	const bottom = Math.max(...ys.map((one) => one + NODE_HEIGHT / 2 + BOX_PADDING), ...known(y + height / 2));
	return { id, x: left, y: top, width: right - left, height: bottom - top };
}

/** From side to side of nodes that lie where they do: of an edge that was not laid out. */
export function directLine(from: Point | undefined, to: Point | undefined): Point[] | undefined {
	if (from === undefined || to === undefined || from === to) return undefined;
	return [
		{ x: sideOf(from, to), y: from.y },
		{ x: sideOf(to, from, -1), y: to.y },
	];
}

/** That which faces the other node; right of a caller, left of a callee where neither does. */
function sideOf(node: Point, other: Point, usual: 1 | -1 = 1): number {
	return node.x + (NODE_WIDTH / 2) * (Math.sign(other.x - node.x) || usual);
}

interface Ports {
	from?: Point;
	to?: Point;
}

/** Where on the sides of its nodes each edge begins and ends: in the order of what lies on the other end, so that they don't cross. */
function portsOf(edges: Layable['edges'], places: ReadonlyMap<string, PlacedNode>): ReadonlyMap<string, Ports> {
	const ports = new Map<string, Ports>(edges.map(({ id }) => [id, {}]));
	const ends = edges.flatMap(({ id, caller, callee }) => {
		const [from, to] = [places.get(caller), places.get(callee)];
		if (from === undefined || to === undefined) return [];
		return [
			{ id, end: 'from' as const, node: from, x: sideOf(from, to), other: to },
			{ id, end: 'to' as const, node: to, x: sideOf(to, from, -1), other: from },
		];
	});
	for (const ofSide of Map.groupBy(ends, ({ node, x }) => `${x} ${node.id}`).values()) {
		const sorted = ofSide.toSorted((a, b) => a.other.y - b.other.y || byId(a, b));
		const apart = Math.min(9, (NODE_HEIGHT - 12) / sorted.length);
		for (const [index, { id, end, node, x }] of sorted.entries())
			ports.set(id, { ...ports.get(id), [end]: { x, y: node.y + (index - (sorted.length - 1) / 2) * apart } });
	}
	return ports;
}

/** Under this name a layout is kept: the same for the same nodes and edges. */
export const layoutKey = ({ nodes, edges, groups = [] }: Layable): string =>
	JSON.stringify([nodes, edges, groups].map((list) => list.map(({ id }) => id).toSorted()));

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The node that lies next in a direction: near it, and rather ahead than beside. */
export function neighbour(
	nodes: readonly PlacedNode[],
	from: string,
	direction: 'left' | 'right' | 'up' | 'down',
): string | undefined {
	const at = nodes.find((node) => node.id === from);
	if (at === undefined) return undefined;
	const isAcross = direction === 'left' || direction === 'right';
	const sign = direction === 'left' || direction === 'up' ? -1 : 1;
	let best: { id: string; cost: number } | undefined;
	for (const node of nodes) {
		const [ahead, beside] = isAcross ? [node.x - at.x, node.y - at.y] : [node.y - at.y, node.x - at.x];
		if (ahead * sign < 1) continue;
		const cost = Math.abs(ahead) + 2 * Math.abs(beside);
		if (best === undefined || cost < best.cost) best = { id: node.id, cost };
	}
	return best?.id;
}

/** A smooth line through the corners, as the `d` of an SVG path. */
export function smoothPath(points: readonly Point[]): string {
	const [first, ...rest] = points;
	if (first === undefined) return '';
	let path = `M${text(first)}`;
	let before = first;
	for (const point of rest) {
		const half = (before.x + point.x) / 2;
		path += `C${text({ x: half, y: before.y })} ${text({ x: half, y: point.y })} ${text(point)}`;
		before = point;
	}
	return path;
}

const text = ({ x, y }: Point): string => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
