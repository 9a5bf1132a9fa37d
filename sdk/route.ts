import { subscribe } from 'node:diagnostics_channel';
import { context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';

/**
 * Names the route that answers the request under way, as `/carts/:id`: the span of the server is then `GET /carts/:id` and has it
 * as `http.route`. For frameworks that nothing instruments; outside a request it does nothing.
 */
export function setRoute(route: string): void {
	const metadata = getRPCMetadata(context.active());
	if (metadata?.type === RPCType.HTTP) metadata.route = route;
}

interface FastifyRequest {
	routeOptions?: { url?: string };
}
interface FastifyMessage {
	fastify: {
		addHook(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): void;
	};
}

/** Fastify announces each instance, and has no instrumentation among OpenTelemetry's. Source: Fastify's "Hooks", "Diagnostics Channel Hooks". */
export function nameFastifyRoutes(): void {
	subscribe('fastify.initialization', (message) => {
		(message as FastifyMessage).fastify.addHook('onRequest', ({ routeOptions }, _, done) => {
			if (routeOptions?.url !== undefined) setRoute(routeOptions.url);
			done();
		});
	});
}
