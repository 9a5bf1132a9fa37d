import {
	operationsAnswer,
	operationsRequest,
	redAnswer,
	redRequest,
	servicesAnswer,
	servicesRequest,
} from '../../schema/api.ts';
import type { OperationsAnswer, RedAnswer, ServicesAnswer } from '../../schema/api.ts';
import type { Context } from 'hono';
import type { z } from 'zod';
import { stepFor } from '../analysis/step.ts';
import type { RedReader, StatusReader } from '../store/reader-types.ts';
import { readStep } from './read-step.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';
import { resolveService } from './service-name.ts';

const sparklinePoints = 30;
const chartPoints = 60;

/** Services, their operations, and requests, errors and latency over time. */
export function serviceRoutes(red: RedReader, status: StatusReader, clock: () => number): Route[] {
	return [servicesRoute(red, status, clock), ...operationRoutes(red, clock), ...redRoutes(red, clock)];
}

function servicesRoute(red: RedReader, status: StatusReader, clock: () => number): Route {
	return route({
		path: '/services',
		role: 'viewer',
		summary: 'Requests, errors and latency of every service, with the window before',
		query: servicesRequest,
		answer: servicesAnswer,
		handle: async (c, query) => {
			const scope = windowScope(c, query, clock());
			const stepMs = stepFor(scope.window.toMs - scope.window.fromMs, sparklinePoints);
			const [services, environments, lastSpanMs] = await Promise.all([
				red.services(scope, stepMs),
				red.environments(scope),
				status.newestMs(scope),
			]);
			return c.json<ServicesAnswer>({ window: scope.window, stepMs, services, environments, lastSpanMs });
		},
	});
}

function operationRoutes(red: RedReader, clock: () => number): Route[] {
	const handle = async (c: Context, query: z.infer<typeof operationsRequest>) => {
		const scope = windowScope(c, query, clock());
		const service = await resolveService(red, scope, query.service);
		return c.json<OperationsAnswer>({ window: scope.window, operations: await red.operations(scope, service) });
	};
	return [
		route({
			path: '/operations',
			role: 'viewer',
			summary: 'All spans of a service by operation, kind and type',
			query: operationsRequest,
			answer: operationsAnswer,
			handle,
		}),
		route({
			path: '/services/{service}/operations',
			role: 'viewer',
			summary: 'As /operations, for names that fit into a path',
			query: operationsRequest.omit({ service: true }),
			answer: operationsAnswer,
			handle: (c, query) => handle(c, { ...query, service: c.req.param('service') ?? '' }),
		}),
	];
}

function redRoutes(red: RedReader, clock: () => number): Route[] {
	const handle = async (c: Context, query: z.infer<typeof redRequest>) => {
		const scope = windowScope(c, query, clock());
		const stepMs = readStep(query.step, scope.window.toMs - scope.window.fromMs, chartPoints);
		const service = await resolveService(red, scope, query.service);
		const points = await red.red(scope, service, {
			stepMs,
			...(query.operation === undefined ? {} : { operation: query.operation }),
			...(query.kind === undefined ? {} : { kind: query.kind }),
		});
		return c.json<RedAnswer>({ window: scope.window, stepMs, points });
	};
	return [
		route({
			path: '/red',
			role: 'viewer',
			summary: 'Requests, errors and latency over time: entry spans of a service, or all spans of one operation',
			query: redRequest,
			answer: redAnswer,
			handle,
		}),
		route({
			path: '/services/{service}/red',
			role: 'viewer',
			summary: 'As /red, for names that fit into a path',
			query: redRequest.omit({ service: true }),
			answer: redAnswer,
			handle: (c, query) => handle(c, { ...query, service: c.req.param('service') ?? '' }),
		}),
	];
}
