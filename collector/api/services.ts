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
import { ProblemError } from '../problem.ts';
import { duration } from '../settings.ts';
import type { RedReader, StatusReader } from '../store/reader-types.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';
import { resolveService } from './service-name.ts';

const sparklinePoints = 30;
const chartPoints = 60;
const maxPoints = 1_500;

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
		const stepMs = readStep(query.step, scope.window.toMs - scope.window.fromMs);
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

function readStep(step: string | undefined, windowMs: number): number {
	if (step === undefined) return stepFor(windowMs, chartPoints);
	let stepMs: number;
	try {
		stepMs = duration(step);
	} catch (error) {
		throw new ProblemError(400, 'BAD_STEP', `step is ${JSON.stringify(step)}; expected ${(error as Error).message}`);
	}
	if (windowMs / stepMs > maxPoints) {
		throw new ProblemError(400, 'BAD_STEP', `step ${step} cuts the window into more than ${maxPoints} points`);
	}
	return stepMs;
}
