import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	BOX_HEAD,
	directLine,
	layoutKey,
	mapLayout,
	neighbour,
	NODE_HEIGHT,
	NODE_WIDTH,
	smoothPath,
} from './layout.ts';

const node = (id: string) => ({ id });
const edge = (caller: string, callee: string) => ({ id: `${caller} → ${callee}`, caller, callee });
const shop = {
	nodes: ['web', 'cart', 'checkout', 'redis', 'pg'].map(node),
	edges: [
		edge('web', 'cart'),
		edge('web', 'checkout'),
		edge('cart', 'redis'),
		edge('checkout', 'pg'),
		edge('pg', 'pg'),
	],
};

test('callers lie left of what they call', () => {
	const { nodes } = mapLayout(shop);
	const x = (id: string) => nodes.find((one) => one.id === id)?.x ?? Number.NaN;
	for (const { caller, callee } of shop.edges.filter((one) => one.caller !== one.callee)) expect(x(caller)).toBeLessThan(x(callee)); // prettier-ignore
});

test('the order of nodes and edges moves nothing', () => {
	const turned = { nodes: shop.nodes.toReversed(), edges: shop.edges.toReversed() };
	const places = (of: typeof shop) => new Map(mapLayout(of).nodes.map(({ id, x, y }) => [id, [x, y]]));
	expect(places(turned)).toEqual(places(shop));
	expect(layoutKey(turned)).toBe(layoutKey(shop));
	expect(layoutKey({ ...shop, edges: shop.edges.slice(1) })).not.toBe(layoutKey(shop));
});

test('no two nodes overlap, none lies outside, whatever the graph', () => {
	const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 14 });
	const graphs = names.chain((ids) =>
		fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 30 }).map((pairs) => {
			const edges = new Map(pairs.map(([caller, callee]) => [`${caller} → ${callee}`, edge(caller, callee)]));
			return { nodes: ids.map(node), edges: [...edges.values()] };
		}),
	);
	fc.assert(
		fc.property(graphs, (graph) => {
			const { nodes, edges, width, height } = mapLayout(graph);
			for (const [index, a] of nodes.entries()) {
				expect(a.x - NODE_WIDTH / 2).toBeGreaterThanOrEqual(0);
				expect(a.x + NODE_WIDTH / 2).toBeLessThanOrEqual(width);
				expect(a.y + NODE_HEIGHT / 2).toBeLessThanOrEqual(height);
				for (const b of nodes.slice(index + 1)) {
					expect(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT).toBe(true);
				}
			}
			expect(edges.size).toBe(graph.edges.filter((one) => one.caller !== one.callee).length);
		}),
		{ numRuns: 60 },
	);
});

test('a box is around its nodes with room for its head, and no node of another lies in it, nor does another box', () => {
	const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 4, maxLength: 14 });
	const graphs = names.chain((ids) =>
		fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 24 }).map((pairs) => {
			const edges = new Map(pairs.map(([caller, callee]) => [`${caller} → ${callee}`, edge(caller, callee)]));
			const groups = [ids.slice(0, 2), ids.slice(2, Math.max(3, ids.length - 2))].map((members, index) => ({ id: `group:${index}`, members })); // prettier-ignore
			return { nodes: ids.map(node), edges: [...edges.values()], groups };
		}),
	);
	fc.assert(
		fc.property(graphs, (graph) => {
			const { nodes, groups, width, height } = mapLayout(graph);
			const rectOf = ({ x, y }: { x: number; y: number }) =>
				({ x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2, width: NODE_WIDTH, height: NODE_HEIGHT }); // prettier-ignore
			type Rect = ReturnType<typeof rectOf>;
			const isApart = (a: Rect, b: Rect) =>
				b.x + b.width <= a.x || a.x + a.width <= b.x || b.y + b.height <= a.y || a.y + a.height <= b.y;
			const isWithin = (a: Rect, b: Rect) =>
				b.x >= a.x && b.y >= a.y + BOX_HEAD && b.x + b.width <= a.x + a.width && b.y + b.height <= a.y + a.height;
			for (const box of groups) {
				const members = graph.groups.find(({ id }) => id === box.id)!.members;
				const [inside, outside] = [true, false].map((is) => nodes.filter(({ id }) => members.includes(id) === is).map(rectOf)); // prettier-ignore
				expect(inside.every((one) => isWithin(box, one)), box.id).toBe(true);
				expect(outside.every((one) => isApart(box, one)), box.id).toBe(true);
				expect(groups.every((other) => other === box || isApart(box, other))).toBe(true);
				expect(Math.min(box.x, box.y)).toBeGreaterThanOrEqual(0);
				expect(box.x + box.width).toBeLessThanOrEqual(width);
				expect(box.y + box.height).toBeLessThanOrEqual(height);
			}
		}),
		{ numRuns: 60 },
	);
}); // prettier-ignore

test('lines leave and enter where the nodes face each other, and two that call each other have one each', () => {
	const both = { ...shop, edges: [...shop.edges, edge('cart', 'web'), edge('redis', 'web')] };
	const { nodes, edges } = mapLayout(both);
	const places = new Map(nodes.map((one) => [one.id, one]));
	for (const { id, caller, callee } of both.edges.filter((one) => one.caller !== one.callee)) {
		const [from, to] = [places.get(caller)!, places.get(callee)!];
		const sign = Math.sign(to.x - from.x);
		const [first, last] = [edges.get(id)?.[0], edges.get(id)?.at(-1)];
		expect([first?.x, last?.x], id).toEqual([from.x + (sign * NODE_WIDTH) / 2, to.x - (sign * NODE_WIDTH) / 2]);
		expect(Math.abs(first!.y - from.y) < NODE_HEIGHT / 2 && Math.abs(last!.y - to.y) < NODE_HEIGHT / 2, id).toBe(true);
		const direct = directLine(from, to)!;
		expect(direct.map(({ x }) => x)).toEqual([first?.x, last?.x]);
	}
	const [there, back] = [edges.get('cart → web')!.slice(1, -1), edges.get('web → cart')!.slice(1, -1).toReversed()];
	expect(back.map(({ x }) => x)).toEqual(there.map(({ x }) => x));
	expect(back.every(({ y }, corner) => y > there[corner].y) && back.length > 0).toBe(true);
	expect(directLine(places.get('pg'), places.get('pg'))).toBeUndefined();
	expect(directLine(places.get('pg'), undefined)).toBeUndefined();
}); // prettier-ignore

test('boxes are part of what a layout is kept under', () => {
	const groups = [{ id: 'group:a', members: ['web', 'cart'] }];
	expect(layoutKey({ ...shop, groups })).not.toBe(layoutKey(shop));
	expect(layoutKey({ ...shop, groups: [] })).toBe(layoutKey(shop));
});

//   a ── b
//        c
test('an arrow goes to what lies ahead, not to what lies beside', () => {
	const placed = [
		{ id: 'a', x: 0, y: 0 },
		{ id: 'b', x: 200, y: 0 },
		{ id: 'c', x: 200, y: 80 },
	];
	expect(neighbour(placed, 'a', 'right')).toBe('b');
	expect(neighbour(placed, 'b', 'down')).toBe('c');
	expect(neighbour(placed, 'c', 'left')).toBe('a');
	expect(neighbour(placed, 'a', 'left')).toBeUndefined();
	expect(neighbour(placed, 'gone', 'left')).toBeUndefined();
});

test('a line begins and ends where it should', () => {
	expect(smoothPath([])).toBe('');
	expect(smoothPath([{ x: 0, y: 1 }, { x: 10, y: 5 }])).toBe('M0,1C5,1 5,5 10,5'); // prettier-ignore
});
