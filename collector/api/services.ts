import {
	operationsAnswer,
	operationsRequest,
	redAnswer,
	redRequest,
	servicesAnswer,
	servicesRequest,
} from '../../schema/api.ts';
import type { OperationsAnswer, Partial, RedAnswer, Service, ServicesAnswer } from '../../schema/api.ts';
import {
	instancesAnswer,
	instancesRequest,
	operationSightsAnswer,
	operationSightsRequest,
} from '../../schema/api-services.ts';
import type { InstancesAnswer, OperationSightsAnswer } from '../../schema/api-services.ts';
import type { Context } from 'hono';
import type { z } from 'zod';
import { stepFor } from '../analysis/step.ts';
import type { RedReader, StatusReader } from '../store/reader-types.ts';
import { apdexThreshold } from './apdex-threshold.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { readStep } from './read-step.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';
import { readOfService } from './service-name.ts';

const minuteMs = 60_000;
const sparklinePoints = 30;
/** A list of so long a window has a point a minute at most: shorter steps are counted from spans, of all services, however many there are. */
const minutesFromMs = 10 * minuteMs;
const operationPoints = 20;
const chartPoints = 60;

/** Services, their operations and instances, and requests, errors and latency over time. */
export function serviceRoutes(red: RedReader, status: StatusReader, clock: () => number): Route[] {
	return [
		servicesRoute(red, status, clock),
		...ofService('operations', operationsDefinition(red, clock)),
		...ofService('operations/seen', sightsDefinition(red, clock)),
		...ofService('red', redDefinition(red, clock)),
		...ofService('instances', instancesDefinition(red, clock)),
	];
}

interface ServiceEndpoint<Query extends z.ZodObject> {
	summary: string;
	/** Has `service`. */
	query: Query;
	answer: z.ZodType;
	handle: (c: Context, query: z.infer<Query>) => Promise<Response>;
}

/** Asked for by `?service=`, or in the path for names that fit into one. */
function ofService<Query extends z.ZodObject>(name: string, endpoint: ServiceEndpoint<Query>): Route[] {
	const { summary, query, answer, handle } = endpoint;
	const withoutService: z.ZodObject = query.omit({ service: true } as never);
	return [
		route({ path: `/${name}`, role: 'viewer', summary, query, answer, handle }),
		route({
			path: `/services/{service}/${name}`,
			role: 'viewer',
			summary: `As /${name}, for names that fit into a path`,
			query: withoutService,
			answer,
			handle: (c, rest) => handle(c, { ...rest, service: c.req.param('service') ?? '' } as z.infer<Query>),
		}),
	];
}

function listStep(windowMs: number): number {
	const stepMs = stepFor(windowMs, sparklinePoints);
	return windowMs < minutesFromMs ? stepMs : Math.max(minuteMs, stepMs);
}

function servicesRoute(red: RedReader, status: StatusReader, clock: () => number): Route {
	return route({
		path: '/services',
		role: 'viewer',
		summary: 'Requests, errors and latency of every service, with the window before or seven days earlier',
		query: servicesRequest,
		answer: servicesAnswer,
		handle: async (c, query) => {
			const scope = windowScope(c, query, clock());
			const stepMs = listStep(scope.window.toMs - scope.window.fromMs);
			const { filter, shown } = apdexThreshold(query.apdex);
			const [services, environments, lastSpanMs] = await Promise.all([
				red.services(scope, { stepMs, spans: query.spans, ...filter }),
				red.environments(scope),
				status.newestMs(scope),
			]);
			const cut = joinPartials(versionsCut(services));
			return c.json<ServicesAnswer>({
				window: scope.window,
				stepMs,
				services,
				environments,
				...shown,
				lastSpanMs,
				...cut,
			});
		},
	});
}

function versionsCut(services: readonly Service[]): Partial | undefined {
	const cut = services.filter(({ versions, versionsOf }) => versions.length < versionsOf);
	const sum = (countOf: (service: Service) => number) => cut.reduce((total, service) => total + countOf(service), 0);
	const [seen, of] = [sum(({ versions }) => versions.length), sum(({ versionsOf }) => versionsOf)];
	return cutPartial('Of services with many versions the newest are listed', seen, of, 'versions');
}

const operationsDefinition = (red: RedReader, clock: () => number) => ({
	summary: 'All spans of a service by operation, kind and type, with the window before or seven days earlier',
	query: operationsRequest,
	answer: operationsAnswer,
	handle: async (c: Context, query: z.infer<typeof operationsRequest>) => {
		const scope = windowScope(c, query, clock());
		const stepMs = stepFor(scope.window.toMs - scope.window.fromMs, operationPoints);
		const found = await readOfService(red, scope, query.service, (service) => red.operations(scope, service, stepMs));
		return c.json<OperationsAnswer>({ window: scope.window, stepMs, ...found });
	},
});

const sightsDefinition = (red: RedReader, clock: () => number) => ({
	summary: 'When each operation of a service was seen first and last, as far as counts are kept',
	query: operationSightsRequest,
	answer: operationSightsAnswer,
	handle: async (c: Context, query: z.infer<typeof operationSightsRequest>) => {
		const nowMs = clock();
		// The window is what a bare name of a service is looked for in.
		const scope = windowScope(c, query, nowMs);
		const ever = { ...scope, window: { fromMs: 0, toMs: nowMs } };
		const found = await readOfService(red, scope, query.service, (service) => red.operationSights(ever, service));
		return c.json<OperationSightsAnswer>(found);
	},
});

const instancesDefinition = (red: RedReader, clock: () => number) => ({
	summary: 'Entry spans of a service by the instance that ran them',
	query: instancesRequest,
	answer: instancesAnswer,
	handle: async (c: Context, query: z.infer<typeof instancesRequest>) => {
		const scope = windowScope(c, query, clock());
		const found = await readOfService(red, scope, query.service, (service) => red.instances(scope, service));
		return c.json<InstancesAnswer>({ window: scope.window, ...found });
	},
});

const redDefinition = (red: RedReader, clock: () => number) => ({
	summary: 'Requests, errors and latency over time: entry spans of a service, or all spans of one operation',
	query: redRequest,
	answer: redAnswer,
	handle: async (c: Context, query: z.infer<typeof redRequest>) => {
		const scope = windowScope(c, query, clock());
		const stepMs = readStep(query.step, scope.window.toMs - scope.window.fromMs, chartPoints);
		const { filter, shown } = apdexThreshold(query.apdex);
		const asked = {
			stepMs,
			...(query.operation === undefined ? {} : { operation: query.operation }),
			...(query.kind === undefined ? {} : { kind: query.kind }),
			...filter,
		};
		const [series, versions] = await readOfService(red, scope, query.service, (service) =>
			Promise.all([red.red(scope, service, asked), red.newVersions(scope, service)]),
		);
		const cut = joinPartials(
			cutPartial('Of new versions the newest are marked', versions.versions.length, versions.total, 'new versions'),
		);
		return c.json<RedAnswer>({
			window: scope.window,
			stepMs,
			...series,
			versions: versions.versions,
			...shown,
			...cut,
		});
	},
});
