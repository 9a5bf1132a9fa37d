import { expect, test } from 'vitest';
import { parseQuery } from '../../../schema/query-language.ts';
import { mapEdge, mapNode, mapWindow } from '../../testing/map-answers.ts';
import { edgeSearch } from '../edge-links.ts';
import { groupsOf, shownMap } from './map-groups.ts';

// Two namespaces that share a database, each with one of its own, and a service without a namespace.
const map = {
	window: mapWindow,
	nodes: [
		mapNode('service:web/site', { requests: 10, errors: 1 }),
		mapNode('service:shop/cart', { requests: 20, errors: 2 }),
		mapNode('service:shop/pay', { requests: 30, errors: 3 }),
		mapNode('service:web/edge', { requests: 40 }),
		mapNode('service:loose', { requests: 50 }),
		mapNode('service:solo/one', { requests: 60 }),
		mapNode('database:pg:shared'),
		mapNode('database:redis:cart'),
		mapNode('external:bank'),
	],
	edges: [
		mapEdge('service:web/edge', 'service:web/site', 'request', { calls: 9 }),
		mapEdge('service:web/site', 'service:shop/cart', 'request', { calls: 5, errors: 1, unanswered: 1 }),
		mapEdge('service:web/edge', 'service:shop/pay', 'request', { calls: 7, errors: 2 }),
		mapEdge('service:web/site', 'service:shop/pay', 'child', { calls: 3 }),
		mapEdge('service:shop/cart', 'database:redis:cart', 'database', { calls: 2 }),
		mapEdge('service:shop/cart', 'database:pg:shared', 'database', { calls: 4 }),
		mapEdge('service:web/site', 'database:pg:shared', 'database', { calls: 6 }),
		mapEdge('service:shop/pay', 'external:bank', 'request', { calls: 8 }),
		mapEdge('service:loose', 'service:loose', 'child', { calls: 1 }),
	],
};

test('a group is the services of a namespace and what nothing else is connected with', () => {
	const groups = [...groupsOf(map)].map(([name, members]) => [name, members.map(({ id }) => id)]);
	expect(Object.fromEntries(groups)).toEqual({
		web: ['service:web/site', 'service:web/edge'],
		shop: ['service:shop/cart', 'service:shop/pay', 'database:redis:cart', 'external:bank'],
	});
});

test('calls between groups are added up by their kind, those within are left out, and nothing is lost', () => {
	const { nodes, edges, openGroups } = shownMap(map, []);
	expect(nodes.map(({ id, requests, errors }) => [id, requests, errors])).toEqual([
		['group:web', 50, 1],
		['group:shop', 50, 5],
		['service:loose', 50, 0],
		['service:solo/one', 60, 0],
		['database:pg:shared', 36_000, 0],
	]);
	expect(openGroups).toEqual([]);
	const lines = edges.map(({ caller, callee, type, calls, errors, unanswered }) => [caller, callee, type, calls, errors, unanswered]); // prettier-ignore
	expect(lines).toEqual([
		['group:web', 'group:shop', 'request', 12, 3, 1],
		['group:web', 'group:shop', 'child', 3, 0, 0],
		['group:shop', 'database:pg:shared', 'database', 4, 0, 0],
		['group:web', 'database:pg:shared', 'database', 6, 0, 0],
		['service:loose', 'service:loose', 'child', 1, 0, 0],
	]);
	// Quantiles of several edges don't add up; of one they stay.
	expect(edges.map(({ p95Nano }) => p95Nano === null)).toEqual([true, false, false, false, false]);
	const within = 9 + 2 + 8;
	const all = map.edges.reduce((sum, { calls }) => sum + calls, 0);
	expect(edges.reduce((sum, { calls }) => sum + calls, 0)).toBe(all - within);
});

test('a namespace that is looked into has its nodes and all edges of theirs', () => {
	const { nodes, edges, openGroups } = shownMap(map, ['shop', 'nobody']);
	expect(openGroups).toEqual([
		{ id: 'group:shop', name: 'shop', members: ['service:shop/cart', 'service:shop/pay', 'database:redis:cart', 'external:bank'] },
	]); // prettier-ignore
	expect(nodes.map(({ id }) => id)).toContain('service:shop/cart');
	expect(edges.find(({ callee }) => callee === 'service:shop/pay')).toMatchObject({ caller: 'group:web', calls: 7 });
	expect(edges.find(({ callee }) => callee === 'database:redis:cart')).toMatchObject({ calls: 2 });
});

test('without grouping the map is as it came', () => {
	expect(shownMap(map, undefined)).toEqual({ ...map, openGroups: [] });
});

test('the search of an edge between groups is by namespace', () => {
	const { edges } = shownMap(map, []);
	expect(edges.slice(0, 3).map((edge) => edgeSearch(edge))).toEqual([
		'{namespace:"shop" kind:server} < {namespace:"web" kind:client -type:db -type:messaging}',
		'{namespace:"web" -kind:client -kind:producer} > {namespace:"shop" kind:server}',
		'namespace:"shop" type:db -kind:server db.system.name:"pg" ((db.namespace:"shared") OR (-has:db.namespace server.address:"shared"))',
	]); // prettier-ignore
	for (const edge of edges) expect(parseQuery(edgeSearch(edge)).kind).toBe('query');
	const within = edgeSearch(edges[0], '', 'http.route:/cart');
	expect(within).toBe(`{http.route:/cart} && (${edgeSearch(edges[0])})`);
	expect(parseQuery(within).kind).toBe('query');
});
