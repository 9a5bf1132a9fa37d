/** The map with services of one namespace as one node, unless they are looked into. */
import type { ServiceMapAnswer, ServiceMapEdge, ServiceMapNode } from '../../../schema/api-service-map.ts';

/** A namespace, drawn as one node. Its numbers are those of its services together; quantiles don't add up. */
export interface GroupNode extends Omit<ServiceMapNode, 'type'> {
	type: 'group';
	members: ServiceMapNode[];
}
export type DrawnNode = ServiceMapNode | GroupNode;

/** A namespace that is looked into: a box around its nodes. */
export interface OpenGroup {
	id: string;
	name: string;
	members: string[];
}

/** What is drawn and listed: of the answer, or of a slice of it, perhaps grouped. */
export interface ShownMap {
	window: ServiceMapAnswer['window'];
	nodes: DrawnNode[];
	edges: ServiceMapEdge[];
	openGroups: OpenGroup[];
}

export const groupId = (namespace: string): string => `group:${namespace}`;

/**
 * Which nodes make a group. A database, queue or host that services of one namespace alone are connected with is counted in; a
 * namespace of one node is none.
 */
export function groupsOf({ nodes, edges }: Pick<ServiceMapAnswer, 'nodes' | 'edges'>): Map<string, ServiceMapNode[]> {
	const services = new Map(nodes.filter(({ type }) => type === 'service').map((node) => [node.id, node.namespace]));
	const users = new Map<string, Set<string>>();
	for (const { caller, callee } of edges) {
		for (const [id, other] of [[caller, callee], [callee, caller]] as const) {
			const namespace = services.get(other);
			if (namespace !== undefined) users.set(id, (users.get(id) ?? new Set()).add(namespace));
		}
	} // prettier-ignore
	const namespaceOf = (node: ServiceMapNode): string => {
		const [only, ...more] = users.get(node.id) ?? [];
		return node.type === 'service' ? node.namespace : more.length === 0 ? (only ?? '') : '';
	};
	const groups = Map.groupBy(nodes, namespaceOf);
	return new Map([...groups].filter(([name, members]) => name !== '' && members.length > 1));
}

/** @param open names of the namespaces that are looked into; undefined where nothing is grouped */
export function shownMap(
	map: Pick<ServiceMapAnswer, 'window' | 'nodes' | 'edges'>,
	open: readonly string[] | undefined,
): ShownMap {
	const { window, nodes, edges } = map;
	if (open === undefined) return { window, nodes, edges, openGroups: [] };
	const groups = [...groupsOf(map)];
	const closed = groups.filter(([name]) => !open.includes(name));
	const placeOf = new Map(closed.flatMap(([name, members]) => members.map(({ id }) => [id, groupId(name)] as const)));
	return {
		window,
		nodes: [
			...closed.map(([name, members]) => groupNode(name, members)),
			...nodes.filter(({ id }) => !placeOf.has(id)),
		],
		edges: joined(edges, (id) => placeOf.get(id) ?? id),
		openGroups: groups
			.filter(([name]) => open.includes(name))
			.map(([name, members]) => ({ id: groupId(name), name, members: members.map(({ id }) => id) })),
	};
}

function groupNode(name: string, members: ServiceMapNode[]): GroupNode {
	const services = members.filter(({ type }) => type === 'service');
	const sumOf = (of: (node: ServiceMapNode) => number) => services.reduce((sum, node) => sum + of(node), 0);
	return {
		id: groupId(name),
		type: 'group',
		name,
		namespace: name,
		requests: sumOf(({ requests }) => requests),
		errors: sumOf(({ errors }) => errors),
		p50Nano: null,
		p95Nano: null,
		p99Nano: null,
		members,
	};
}

/** Edges between what is drawn, added up by their type; those within a group are left out. */
function joined(edges: readonly ServiceMapEdge[], placeOf: (id: string) => string): ServiceMapEdge[] {
	const sums = new Map<string, ServiceMapEdge>();
	for (const edge of edges) {
		const [caller, callee] = [placeOf(edge.caller), placeOf(edge.callee)];
		if (caller === callee && caller !== edge.caller) continue;
		const key = JSON.stringify([caller, callee, edge.type]);
		const sum = sums.get(key);
		sums.set(key, sum === undefined ? { ...edge, caller, callee } : added(sum, edge));
	}
	return [...sums.values()];
}

const added = (sum: ServiceMapEdge, edge: ServiceMapEdge): ServiceMapEdge => ({
	...sum,
	calls: sum.calls + edge.calls,
	errors: sum.errors + edge.errors,
	totalNano: sum.totalNano + edge.totalNano,
	unanswered: sum.unanswered + edge.unanswered,
	p50Nano: null,
	p95Nano: null,
	p99Nano: null,
	via: [...new Set([...sum.via, ...edge.via])].sort(),
	query: '',
});

/** Which namespace a node is counted in. */
export const groupOf = (groups: ReadonlyMap<string, readonly ServiceMapNode[]>, id: string): string | undefined =>
	[...groups].find(([, members]) => members.some((member) => member.id === id))?.[0];

/** The node itself, or the closed namespace that it is counted in. */
export function drawnAs(
	{ nodes }: Pick<ShownMap, 'nodes'>,
	groups: ReadonlyMap<string, readonly ServiceMapNode[]> = new Map(),
	id: string,
): string {
	if (nodes.some((node) => node.id === id)) return id;
	const name = groupOf(groups, id);
	return name === undefined ? id : groupId(name);
}

/** The namespaces that are looked into after one was opened, or closed again: that of `id`, a group or a node in one. */
export function toggled(
	groups: ReadonlyMap<string, readonly ServiceMapNode[]>,
	open: readonly string[],
	id: string,
): { open: string[]; isOpen: boolean; id: string } | undefined {
	const name = [...groups.keys()].find((one) => groupId(one) === id) ?? groupOf(groups, id);
	if (name === undefined) return undefined;
	const isOpen = !open.includes(name);
	return { open: isOpen ? [...open, name] : open.filter((one) => one !== name), isOpen, id: groupId(name) };
}
