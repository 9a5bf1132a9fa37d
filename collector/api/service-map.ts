import type { Context } from 'hono';
import type { z } from 'zod';
import {
	dependenciesAnswer,
	dependenciesRequest,
	serviceMapAnswer,
	serviceMapRequest,
} from '../../schema/api-service-map.ts';
import type { DependenciesAnswer, ServiceMapAnswer, ServiceMapEdge } from '../../schema/api-service-map.ts';
import type { Partial } from '../../schema/api.ts';
import { inTracesOf } from '../../schema/query-choose.ts';
import { edgeQuery } from '../analysis/edge-query.ts';
import { around, nodeId, partOf, serviceMap } from '../analysis/service-map.ts';
import type { MapEdge, MapGraph, MapNode } from '../analysis/service-map.ts';
import type { RedReader, WindowScope } from '../store/reader-types.ts';
import type { MatchedEdges } from '../store/map/matched-edges.ts';
import type { ServiceMapReader } from '../store/map/service-map-reader.ts';
import { compiledQuery, readQuery } from './compiled-query.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { pendingPartial } from './pending-partial.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';
import { resolveService } from './service-name.ts';

type EdgesOfWindow = Awaited<ReturnType<ServiceMapReader['edges']>>;

/** Who calls whom, and what one service depends on. */
export function serviceMapRoutes(maps: ServiceMapReader, red: RedReader, clock: () => number): Route[] {
	return [mapRoute(maps, clock), ...dependencyRoutes(maps, red, clock)];
}

function mapRoute(maps: ServiceMapReader, clock: () => number): Route {
	return route({
		path: '/service-map',
		role: 'viewer',
		summary: 'Services, what they call, and how often, with errors and latency',
		query: serviceMapRequest,
		answer: serviceMapAnswer,
		handle: async (c, query) => {
			const scope = windowScope(c, query, clock());
			const q = query.q?.trim() ?? '';
			const read = q === '' ? await maps.edges(scope) : await maps.edgesOfTraces(scope, compiledQuery(readQuery(q)));
			const whole = serviceMap(read.edges, read.services);
			const shown = query.focus === undefined ? whole : partOf(whole, around(whole, query.focus, query.hops));
			return c.json<ServiceMapAnswer>({
				window: read.window,
				nodes: shown.nodes,
				edges: edgesOf(shown, q),
				...('traces' in read ? { traces: read.traces, ...partialOfTraces(read) } : partialOf(read)),
			});
		},
	});
}

function dependencyRoutes(maps: ServiceMapReader, red: RedReader, clock: () => number): Route[] {
	const handle = async (c: Context, query: z.infer<typeof dependenciesRequest>) => {
		const scope = windowScope(c, query, clock());
		const [read, id] = await Promise.all([maps.edges(scope), idOf(red, scope, query.service)]);
		const whole = serviceMap(read.edges, read.services);
		const edges = edgesOf(partOf(whole, around(whole, id, 1)));
		return c.json<DependenciesAnswer>({
			window: read.window,
			upstream: edges.filter((edge) => edge.callee === id),
			downstream: edges.filter((edge) => edge.caller === id),
			...partialOf(read),
		});
	};
	return [
		route({
			path: '/dependencies',
			role: 'viewer',
			summary: 'Who calls a service, and what it calls',
			query: dependenciesRequest,
			answer: dependenciesAnswer,
			handle,
		}),
		route({
			path: '/services/{service}/dependencies',
			role: 'viewer',
			summary: 'As /dependencies, for names that fit into a path',
			query: dependenciesRequest.omit({ service: true }),
			answer: dependenciesAnswer,
			handle: (c, query) => handle(c, { ...query, service: c.req.param('service') ?? '' }),
		}),
	];
}

async function idOf(red: RedReader, scope: WindowScope, written: string): Promise<string> {
	const { service, namespace } = await resolveService(red, scope, written);
	return nodeId({ type: 'service', name: namespace ? `${namespace}/${service}` : service });
}

/** @param q what the traces that were counted have in common */
function edgesOf({ nodes, edges }: MapGraph, q = ''): ServiceMapEdge[] {
	const nodeOf = new Map(nodes.map((node) => [node.id, node]));
	return edges.map((edge) => {
		const query = queryOf(edge, nodeOf);
		return { ...edge, query: q === '' || query === '' ? query : (inTracesOf(q, query) ?? '') };
	});
}

function queryOf(edge: MapEdge, nodeOf: ReadonlyMap<string, MapNode>): string {
	const caller = nodeOf.get(edge.caller);
	const callee = nodeOf.get(edge.callee);
	return caller === undefined || callee === undefined ? '' : edgeQuery({ type: edge.type, caller, callee });
}

const partialOf = (read: EdgesOfWindow): { partial?: Partial } =>
	joinPartials(
		leastCalled(read),
		fewestRequests(read),
		pendingPartial(read, 'spans that have just come are not all counted yet').partial,
	);

const partialOfTraces = (read: MatchedEdges): { partial?: Partial } =>
	joinPartials(leastCalled(read), fewestRequests(read), read.partial);

const leastCalled = ({ edges, edgesFound }: EdgesOfWindow | MatchedEdges): Partial | undefined =>
	cutPartial('the least called edges are left out', edges.length, edgesFound);

/** One that calls or is called is drawn all the same: without figures of its own. */
const fewestRequests = ({ services, servicesFound }: EdgesOfWindow | MatchedEdges): Partial | undefined =>
	cutPartial('services with the fewest requests are left out', services.length, servicesFound, 'services');
