import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapEdge, mapNode } from '../../testing/map-answers.ts';
import { drawnMap } from './drawn-map.ts';
import { busiestEdges, FEW_EDGES, LaidOutEdges, MOST_EDGES, MOST_OWN } from './laid-out-edges.ts';

const window = { fromMs: 0, toMs: 60_000 };
type Calls = readonly (readonly [caller: number, callee: number, calls: number])[];
const id = (place: number) => `service:s${place}`;

function mapOf(services: number, calls: Calls, focus = '', hops = 1) {
	const nodes = Array.from({ length: services }, (_, place) => mapNode(id(place)));
	const edges = calls.map(([caller, callee, count]) => mapEdge(id(caller), id(callee), 'request', { calls: count }));
	return drawnMap({ window, nodes, edges, openGroups: [] }, focus, hops);
}
const mesh = (services: number, callsOf: (from: number, to: number) => number): Calls =>
	Array.from({ length: services ** 2 }, (_, place) => [Math.floor(place / services), place % services] as const)
		.filter(([from, to]) => from !== to)
		.map(([from, to]) => [from, to, callsOf(from, to)]);
const ids = (edges: readonly { id: string }[]) => edges.map((edge) => edge.id).sort();

test('of a map that can be followed all edges are laid out', () => {
	const star = (edges: number) =>
		mapOf(
			edges + 1,
			Array.from({ length: edges }, (_, place) => [0, place + 1, 1]),
		);
	expect(new LaidOutEdges().of(star(MOST_EDGES), '')).toBeUndefined();
	expect(new LaidOutEdges().of(star(MOST_EDGES + 1), '')).toBeDefined();
});

test('of too many: the busiest edge of each node, then the busiest, whatever the graph', () => {
	const graphs = fc.integer({ min: 2, max: 14 }).chain((services) => {
		const place = fc.nat(services - 1);
		const calls = fc.uniqueArray(fc.tuple(place, place, fc.nat(50)), { selector: ([a, b]) => `${a} ${b}`, maxLength: 150 });
		return calls.map((all) => ({ services, all }));
	});
	fc.assert(
		fc.property(graphs, ({ services, all }) => {
			const map = mapOf(services, all);
			const chosen = new Set(busiestEdges(map, ''));
			expect(chosen.size).toBe(Math.min(FEW_EDGES, map.edges.length));
			for (const node of map.nodes) {
				const own = map.edges.filter(({ caller, callee }) => caller !== callee && [caller, callee].includes(node.id));
				const most = Math.max(...own.map(({ calls }) => calls));
				expect(own.length === 0 || own.some((edge) => chosen.has(edge) && edge.calls === most)).toBe(true);
			}
			// Of each node one at most is there for the node's sake.
			const left = map.edges.filter((edge) => !chosen.has(edge));
			const busiestLeft = Math.max(0, ...left.map(({ calls }) => calls));
			expect([...chosen].filter(({ calls }) => calls < busiestLeft).length).toBeLessThanOrEqual(map.nodes.length);
		}),
		{ numRuns: 200 },
	);
}); // prettier-ignore

test('a node that hardly anybody calls does not lie loose beside those that call each other all the time', () => {
	const leaves = Array.from({ length: 20 }, (_, place) => [place % 10, 10 + place, 1] as const);
	const chosen = ids(busiestEdges(mapOf(30, [...mesh(10, () => 1000), ...leaves]), ''));
	expect(chosen).toHaveLength(FEW_EDGES);
	expect(chosen).toEqual(expect.arrayContaining(leaves.map(([from, to]) => `${id(from)} → ${id(to)}`)));
});

test('around a node: all of its own edges, however little they are called, and what fits of the others', () => {
	const services = 41;
	const map = mapOf(services, mesh(services, (from, to) => (from === 20 || to === 20 ? 1 : 1000)), id(20)); // prettier-ignore
	expect(map.edges).toHaveLength(1640);
	const chosen = busiestEdges(map, id(20));
	expect(chosen).toHaveLength(80);
	expect(chosen.every(({ caller, callee }) => [caller, callee].includes(id(20)))).toBe(true);
	const few = mapOf(
		12,
		mesh(12, (from, to) => from * 12 + to),
		id(3),
	);
	const others = busiestEdges(few, id(3)).filter(({ caller, callee }) => ![caller, callee].includes(id(3)));
	expect(others).toHaveLength(FEW_EDGES - 22);
	expect(Math.min(...others.map(({ calls }) => calls))).toBeGreaterThan(11 * 12 - 60);
});

test('around a node, two hops: each node hangs on one that is nearer, not on its busiest neighbour', () => {
	// 0 → 1, 2, 3; these → 4 to 33; 4 to 33 call each other all the time.
	const ring = Array.from({ length: 30 }, (_, place) => 4 + place);
	const calls: Calls = [
		...[1, 2, 3].map((to) => [0, to, 10] as const),
		...ring.map((to) => [1 + (to % 3), to, 1] as const),
		...mesh(30, () => 500).map(([from, to, count]) => [4 + from, 4 + to, count] as const),
	];
	const chosen = busiestEdges(mapOf(34, calls, id(0), 2), id(0));
	const nearer = ring.map((to) => `${id(1 + (to % 3))} → ${id(to)}`);
	expect(ids(chosen)).toEqual(expect.arrayContaining(nearer));
	expect(chosen).toHaveLength(FEW_EDGES);
});

test('of a node with very many edges one to each neighbour, and no more', () => {
	const both = Array.from({ length: 180 }, (_, place) => [[0, place + 1, 5], [place + 1, 0, 4]] as const).flat(); // prettier-ignore
	const chosen = busiestEdges(mapOf(181, both, id(0)), id(0));
	expect(chosen).toHaveLength(MOST_OWN);
	expect(chosen.filter(({ caller }) => caller === id(0))).toHaveLength(180);
});

test('other numbers move nothing until the busiest are clearly others; other edges do', () => {
	const first = (from: number, to: number) => 1000 + from * 12 + to;
	const choice = new LaidOutEdges();
	const of = (callsOf: typeof first, focus = '') => choice.of(mapOf(12, mesh(12, callsOf)), focus);
	const before = of(first);
	expect(before?.size).toBe(FEW_EDGES);
	const nearly = (from: number, to: number) => 1000 + (11 - from) * 12 + to;
	expect(of(nearly)).toEqual(before);
	expect(new LaidOutEdges().of(mapOf(12, mesh(12, nearly)), '')).not.toEqual(before);
	const others = (from: number) => 10 + (from < 6 ? 10_000 : 0);
	const after = of(others);
	expect(after).toEqual(new LaidOutEdges().of(mapOf(12, mesh(12, others)), ''));
	expect(after).not.toEqual(before);
	const more: Calls = [...mesh(12, nearly), [3, 3, 1_000_000]];
	expect([...choice.of(mapOf(12, more), '')!]).toContain('service:s3 → service:s3');
});
