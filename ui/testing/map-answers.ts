import { NOW_MS } from './now.ts';
import type { ServiceMapAnswer, ServiceMapEdge, ServiceMapNode } from '../../schema/api-service-map.ts';
import type { EdgeType } from '../../schema/service-map.ts';
import { nodeOfId } from '../pages/map/node-facts.ts';

const MS = 1e6;
export const mapWindow = { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS };
const quantiles = { p50Nano: 8 * MS, p95Nano: 42 * MS, p99Nano: 190 * MS };

function typeAndName(id: string): Pick<ServiceMapNode, 'type' | 'name'> {
	const { type, name } = nodeOfId(id);
	if (type === 'group') throw new Error(`no answer has a group: ${id}`);
	return { type, name };
}

export const mapNode = (id: string, facts: Partial<ServiceMapNode> = {}): ServiceMapNode => ({
	id,
	...typeAndName(id),
	namespace: /^service:(.+?)\//.exec(id)?.[1] ?? '',
	requests: 36_000,
	errors: 0,
	...quantiles,
	...facts,
});

export const mapEdge = (
	caller: string,
	callee: string,
	type: EdgeType = 'request',
	facts: Partial<ServiceMapEdge> = {},
): ServiceMapEdge => ({
	caller,
	callee,
	type,
	calls: 18_000,
	errors: 0,
	...quantiles,
	totalNano: 18_000 * 12 * MS,
	unanswered: 0,
	via: [],
	query: '',
	...facts,
});

/** A shop: a failing payment, a database, a cache, a queue, a stranger, and a service that nobody calls. */
export const mapAnswer = (facts: Partial<ServiceMapAnswer> = {}): ServiceMapAnswer => ({
	window: mapWindow,
	nodes: [
		mapNode('service:shop/web', { requests: 72_000 }),
		mapNode('service:shop/cart', { requests: 40_000 }),
		mapNode('service:shop/checkout', { errors: 2520 }),
		mapNode('service:shop/payment', { requests: 3600, errors: 504, p95Nano: 1900 * MS }),
		mapNode('service:shop/mail', { requests: 3600 }),
		mapNode('database:postgresql:shop'),
		mapNode('database:redis'),
		mapNode('queue:rabbitmq:orders', { requests: 7200 }),
		mapNode('external:api.stripe.com', { requests: 3600, errors: 400 }),
		mapNode('service:shop/reports', { requests: 60 }),
	],
	edges: [
		mapEdge('service:shop/web', 'service:shop/cart', 'request', { calls: 40_000 }),
		mapEdge('service:shop/web', 'service:shop/checkout', 'request', { errors: 1200, unanswered: 90 }),
		mapEdge('service:shop/checkout', 'service:shop/payment', 'request', { calls: 3600, errors: 504 }),
		mapEdge('service:shop/cart', 'database:redis', 'database', { calls: 90_000 }),
		mapEdge('service:shop/checkout', 'database:postgresql:shop', 'database'),
		mapEdge('service:shop/payment', 'external:api.stripe.com', 'request', { calls: 3600, errors: 400 }),
		mapEdge('service:shop/checkout', 'queue:rabbitmq:orders', 'messaging', { calls: 3600 }),
		mapEdge('queue:rabbitmq:orders', 'service:shop/mail', 'messaging', { calls: 3600 }),
		mapEdge('service:shop/checkout', 'service:shop/mail', 'messaging', { calls: 3600, via: ['rabbitmq:orders'] }),
	],
	...facts,
});

/** More than is drawn at once: a chain beside a hub. */
export function largeMap(): ServiceMapAnswer {
	const ids = Array.from({ length: 80 }, (_, index) => `service:s${index}`);
	return mapAnswer({
		nodes: ids.map((id) => mapNode(id)),
		edges: ids.slice(1).map((id, index) => mapEdge(index < 5 ? 'service:s0' : (ids[index] ?? ''), id)),
	});
}

/** Every service calls every other: those with the higher numbers more often. */
export function meshMap(services: number): ServiceMapAnswer {
	const ids = Array.from({ length: services }, (_, index) => `service:mesh/s${String(index).padStart(2, '0')}`);
	const pairs = ids.flatMap(
		(caller, from) =>
		ids.flatMap((callee, to) => (from === to ? [] : [mapEdge(caller, callee, 'request', { calls: 1000 + ((from * 31 + to * 17) % 997) })])), // prettier-ignore
	);
	return mapAnswer({ nodes: ids.map((id) => mapNode(id)), edges: pairs });
}
