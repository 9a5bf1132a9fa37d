/** Each reading route of the one table, with names and ids that are there, for a store on one machine and one on several. */
import { apiRoutes } from '../../../collector/api/api.ts';
import type { ApiParts } from '../../../collector/api/api.ts';
import type { Route } from '../../../collector/api/route.ts';

/** Whatever is asked of it: routes are built, none is handled. */
const anything: unknown = new Proxy(() => anything, { get: () => anything });

/** They never end. */
const streams = ['/live', '/notifications'];
/** A page of a provider that is not there. */
const elsewhere = ['/session/provider', '/session/provider/callback'];
const asking = ['/series', '/difference', '/backtest'];

const query = 'service:cart-api';
const document = (kind: string, spec: object) => ({
	apiVersion: 'spanhouse.dev/v1',
	kind,
	metadata: { name: 'walked' },
	spec,
});
/** Fires at once, and with the same value whenever it is evaluated: its window holds all there is. */
const alert = document('Alert', {
	query,
	measure: 'p95',
	window: '1h',
	conditions: [{ severity: 'ticket', above: '1us' }],
});
/** Never fires: how fast a budget burns depends on when it is asked. */
const objective = document('SLO', {
	total: query,
	good: 'duration<300ms',
	targetPercent: 10,
	window: { duration: '1d' },
});
/** YAML of a folder that declares something, so that its source has an audit. */
export const declaredYaml = `apiVersion: spanhouse.dev/v1
kind: Link
metadata:
  name: declared
spec:
  title: Declared
  urlTemplate: https://wiki.example/{service}
  on: [span]
`;

export interface Walked {
	fromMs: number;
	toMs: number;
	traceId: string;
	spanId: string;
	issueId: string;
	fingerprint: string;
	deploy: { service: string; version: string };
}

/** What each store calls by an id of its own. */
export interface OwnIds {
	deletionId: string;
	firingId: string;
}

/** What is decided before the walk, so that there is something to read. */
export const decisionsOf = ({ traceId, toMs }: Walked): { method: string; path: string; body?: unknown }[] => [
	{ method: 'PUT', path: '/views/traces/walked', body: { search: 'q=walked' } },
	{ method: 'PUT', path: '/config/Alert/walked', body: alert },
	{ method: 'PUT', path: '/config/SLO/walked', body: objective },
	{
		method: 'POST',
		path: '/changes',
		body: { kind: 'configuration', service: 'cart-api', title: 'walked', tMs: toMs - 120_000 },
	},
	{ method: 'PUT', path: `/pins/${traceId}` },
	{ method: 'POST', path: '/ingest-keys', body: { label: 'walked', type: 'server' } },
	{ method: 'POST', path: '/projects', body: { name: 'walked', title: 'walked' } },
];

/** Of a route, where it isn't the value that the others have. */
const placesOf = ({ deploy }: Walked, { deletionId }: OwnIds): Record<string, Record<string, string>> => ({
	'/deploys/{service}/{version}': deploy,
	'/deletions/{id}': { id: deletionId },
	'/config/sources/{name}/audit': { name: 'config-dir' },
});

export function readingRequests(
	walked: Walked,
	own: OwnIds,
): { name: string; method: string; path: string; body?: unknown }[] {
	const { fromMs, toMs, traceId, spanId, issueId, fingerprint } = walked;
	const window = { from: String(fromMs), to: String(toMs) };
	const values: Record<string, string> = {
		...window,
		traceId,
		spanId,
		issueId,
		fingerprint,
		service: 'cart-api',
		operation: 'GET /cart',
		key: 'http.route',
		keys: 'service,http.route',
		step: '5m',
		kind: 'Alert',
		name: 'walked',
		firingId: own.firingId,
	};
	const bodies: Record<string, unknown> = {
		'/series': { query, measure: 'count', by: ['service'], ...window },
		'/difference': { query, selection: { query: 'error:true' }, ...window },
		'/backtest': { document: alert, ...window },
	};
	const isRead = ({ method, path }: Route): boolean =>
		(method === 'get' || asking.includes(path)) && ![...streams, ...elsewhere].includes(path);
	return apiRoutes(anything as ApiParts)
		.filter(isRead)
		.map(({ method, path, query: takes }) => {
			const here = { ...values, ...placesOf(walked, own)[path] };
			const filled = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(here[part] ?? 'walked'));
			const taken = Object.keys(takes.shape).filter((key) => values[key] !== undefined && key !== 'kind');
			const search = new URLSearchParams(Object.fromEntries(taken.map((key) => [key, values[key] ?? ''])));
			const body = bodies[path];
			return {
				name: `${method} ${path}`,
				method: method.toUpperCase(),
				path: `${filled}?${search.toString()}`,
				...(body === undefined ? {} : { body }),
			};
		});
}
