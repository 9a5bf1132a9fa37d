import { queriesAnswer, queriesRequest, queryAnswer, queryRequest } from '../../schema/api-database.ts';
import type { QueriesAnswer, QueryAnswer } from '../../schema/api-database.ts';
import type { Partial } from '../../schema/api.ts';
import { databaseQuery } from '../analysis/database-query.ts';
import { stepFor } from '../analysis/step.ts';
import { ProblemError } from '../problem.ts';
import type { QueryFilter, QueryReader, QueryRow } from '../store/database/query-filter.ts';
import type { RedReader, WindowScope } from '../store/reader-types.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { pendingPartial } from './pending-partial.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';
import { resolveService } from './service-name.ts';

const sparklinePoints = 30;
const chartPoints = 60;
const minuteMs = 60_000;
const NO_CALLS = { calls: 0, errors: 0, p50Nano: null, p95Nano: null, p99Nano: null };

const OF_SOME_TRACES = 'callers, names, repeats by request and queries together are of a part of the traces';
const MANY_ABOVE = 'of some calls the caller is not known: too many spans lie above them';

/** Database queries by the time they take, and one of them with its callers, its repeats and samples. */
export function databaseRoutes(queries: QueryReader, red: RedReader, clock: () => number): Route[] {
	return [listRoute(queries, red, clock), detailRoute(queries, red, clock)];
}

function listRoute(queries: QueryReader, red: RedReader, clock: () => number): Route {
	return route({
		path: '/db/queries',
		role: 'viewer',
		summary:
			'Database queries by the time they take, with calls, errors, latency and repeats, and the window before or seven days earlier',
		query: queriesRequest,
		answer: queriesAnswer,
		handle: async (c, query) => {
			const scope = windowScope(c, query, clock());
			const filter = await filterOf(red, scope, query);
			const stepMs = stepOf(scope, sparklinePoints);
			const found = await queries.list(scope, filter, stepMs);
			const before = await queries.before(scope, filter, found.queries);
			return c.json<QueriesAnswer>({
				window: scope.window,
				stepMs,
				queries: found.queries.map((row, index) => ({
					...row,
					before: before[index] ?? NO_CALLS,
					query: databaseQuery(row),
				})),
				totalNano: found.totalNano,
				systems: found.systems,
				...joinPartials(
					cutPartial('queries that take the least time are left out', found.queries.length, found.groups),
					pendingPartial(found, REPEATS_PENDING).partial,
					cutPartial(MANY_SYSTEMS, found.systems.length, found.systemsOf, 'database systems'),
					servicesCut(found.queries),
				),
			});
		},
	});
}

function detailRoute(queries: QueryReader, red: RedReader, clock: () => number): Route {
	return route({
		path: '/db/queries/{fingerprint}',
		role: 'viewer',
		summary: 'One database query: over time, its callers, its repeats, queries in the same traces, sample traces',
		query: queryRequest,
		answer: queryAnswer,
		handle: async (c, request) => {
			const fingerprint = (c.req.param('fingerprint') ?? '').toLowerCase();
			if (!/^[0-9a-f]{16}$/.test(fingerprint)) {
				throw new ProblemError(400, 'BAD_FINGERPRINT', 'fingerprint must be 16 hexadecimal digits');
			}
			const scope = windowScope(c, request, clock());
			const filter = await filterOf(red, scope, request);
			const { namespace } = request;
			const id = { ...filter, query: fingerprint, ...(namespace === undefined ? {} : { namespace }) };
			const stepMs = stepOf(scope, chartPoints);
			const found = await queries.detail(scope, id, stepMs);
			if (found === undefined) {
				throw new ProblemError(
					404,
					'NO_SUCH_QUERY',
					`no database call has the fingerprint ${fingerprint} in this window`,
				);
			}
			const { group, counted, isCut, derived, ...rest } = found;
			return c.json<QueryAnswer>({
				window: scope.window,
				stepMs,
				query: { ...group, query: databaseQuery(group) },
				...rest,
				...joinPartials(
					isCut ? { reason: MANY_ABOVE, ...counted } : undefined,
					cutPartial(OF_SOME_TRACES, counted.seen, counted.of),
					pendingPartial(derived, REPEATS_PENDING).partial,
					servicesCut([group]),
				),
			});
		},
	});
}

/** Of all queries that have more services than are listed. */
function servicesCut(queries: readonly Pick<QueryRow, 'services' | 'servicesOf'>[]): Partial | undefined {
	const cut = queries.filter(({ services, servicesOf }) => services.length < servicesOf);
	const seen = cut.reduce((sum, { services }) => sum + services.length, 0);
	const of = cut.reduce((sum, { servicesOf }) => sum + servicesOf, 0);
	return cutPartial('of queries with many services some are listed', seen, of, 'services');
}

const MANY_SYSTEMS = 'of many database systems some can be chosen from';
const REPEATS_PENDING = 'repeats among spans that have just come are not all counted yet';

/** Sums are kept by minute: a step can't be shorter. */
const stepOf = ({ window }: WindowScope, points: number): number =>
	Math.max(minuteMs, stepFor(window.toMs - window.fromMs, points));

interface FilterRequest {
	service?: string | undefined;
	system?: string | undefined;
}

async function filterOf(red: RedReader, scope: WindowScope, { service, system }: FilterRequest): Promise<QueryFilter> {
	return {
		...(service === undefined ? {} : { service: await resolveService(red, scope, service) }),
		...(system === undefined ? {} : { system }),
	};
}
