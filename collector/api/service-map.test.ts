import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { parseQuery } from '../../schema/query-language.ts';
import { silentLog } from '../log.ts';
import type { RedReader } from '../store/reader-types.ts';
import type { ServiceMapReader } from '../store/map/service-map-reader.ts';
import { problemResponse } from './problem-response.ts';
import { mount } from './route.ts';
import { serviceMapRoutes } from './service-map.ts';

const now = 1_700_000_000_000;
const red: Pick<RedReader, 'namespacesOf'> = { namespacesOf: async () => [] };
const asked: string[] = [];
/** Edges that there are, one of which is told. */
let found = 1;
/** Services that there are, two of which are told. */
let servicesFound = 2;
const serviceMap: ServiceMapReader = {
	edgesOfTraces: async ({ window }, { where }) => {
		asked.push(where);
		const { edges, services } = await serviceMap.edges({ project: 'default', window });
		return { window, edges, services, traces: 12, edgesFound: found, servicesFound };
	},
	edges: async ({ window }) => ({
		window,
		edges: [
			{
				type: 'request',
				caller: { type: 'service', name: 'shop/web' },
				callee: { type: 'service', name: 'cart' },
				address: 'cart.local',
				calls: 4,
				errors: 1,
				totalNano: 400,
				spans: 4,
				buckets: new Map([[0, 4]]),
			},
		],
		services: [
			{ name: 'shop/web', namespace: 'shop', requests: 4, errors: 0, buckets: new Map([[0, 4]]) },
			{ name: 'alone', namespace: '', requests: 0, errors: 0, buckets: new Map() },
		],
		edgesFound: found,
		servicesFound,
		pendingBuckets: 1,
		buckets: 12,
	}),
};
const app = new Hono();
app.onError((error, c) => problemResponse(c, error, silentLog));
mount(
	app,
	serviceMapRoutes(serviceMap, red as RedReader, () => now),
	() => {},
);

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
	const answer = await app.request(path);
	return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

test('the map has every service, called or not, with what it calls and the search that lists those calls', async () => {
	const { body } = await get('/service-map');
	expect(body).toMatchObject({
		nodes: [
			{ id: 'service:shop/web', namespace: 'shop', requests: 4 },
			{ id: 'service:cart', type: 'service', namespace: '' },
			{ id: 'service:alone', requests: 0, p95Nano: null },
		],
		edges: [{ caller: 'service:shop/web', callee: 'service:cart', calls: 4, errors: 1, p50Nano: 1, unanswered: 0 }],
		partial: { seen: 11, of: 12 },
	});
	const [edge] = body.edges as { query: string }[];
	expect(parseQuery(edge?.query ?? '').kind).not.toBe('error');
	const near = await get('/service-map?focus=service:alone&hops=2');
	expect(near.body).toMatchObject({ nodes: [{ id: 'service:alone' }], edges: [] });
	expect((await get('/service-map?hops=7')).status).toBe(400);
});

test('of more edges than there is room for it says how many there are, and what is late besides', async () => {
	found = 6_200;
	for (const path of ['/service-map', '/dependencies?service=cart']) {
		const { body } = await get(path);
		expect(body).toMatchObject({ partial: { seen: 1, of: 6_200, reason: expect.stringContaining('11 of 12') } });
	}
	const { body } = await get('/service-map?q=error%3Atrue');
	expect(body).toMatchObject({ partial: { seen: 1, of: 6_200, reason: 'the least called edges are left out' } });
	found = 1;
});

test('of more services than there is room for it says how many there are', async () => {
	servicesFound = 10_400;
	const partial = { reason: expect.stringContaining('services with the fewest requests'), seen: 2, of: 10_400, what: 'services' }; // prettier-ignore
	for (const path of ['/service-map', '/service-map?q=error%3Atrue', '/dependencies?service=cart'])
		expect((await get(path)).body).toMatchObject({ partial });
	servicesFound = 2;
});

test('what a service depends on stands by direction', async () => {
	const { body } = await get('/dependencies?service=cart');
	expect(body).toMatchObject({ upstream: [{ caller: 'service:shop/web' }], downstream: [] });
	const web = await get('/services/shop%2Fweb/dependencies');
	expect(web.body).toMatchObject({ upstream: [], downstream: [{ callee: 'service:cart' }] });
});

test('the map of the traces that a search finds: its edges list their calls in just these traces', async () => {
	const { body } = await get(`/service-map?q=${encodeURIComponent('http.route:/cart error:true')}`);
	expect(body).toMatchObject({ traces: 12, edges: [{ caller: 'service:shop/web' }] });
	expect(body).not.toHaveProperty('partial');
	expect(asked.at(-1)).toContain('attr_http_route');
	const [edge] = body.edges as { query: string }[];
	expect(edge?.query).toMatch(/^\{http\.route:\/cart error:true\} && \(.*\)$/);
	expect(parseQuery(edge?.query ?? '').kind).toBe('query');
	expect((await get('/service-map?q=duration%3E500')).status).toBe(400);
	expect((await get('/service-map?q=%20')).body).not.toHaveProperty('traces');
});
