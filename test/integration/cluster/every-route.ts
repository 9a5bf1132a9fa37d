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
const alert = document('Alert', {
	query,
	measure: 'p95',
	window: '5m',
	conditions: [{ severity: 'ticket', above: '30s' }],
});
const objective = document('SLO', {
	total: query,
	good: 'duration<300ms',
	targetPercent: 99,
	window: { duration: '1d' },
});

export interface Walked {
	fromMs: number;
	toMs: number;
	traceId: string;
	spanId: string;
	issueId: string;
	fingerprint: string;
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

export function readingRequests(walked: Walked): { name: string; method: string; path: string; body?: unknown }[] {
	const { fromMs, toMs } = walked;
	const window = { from: String(fromMs), to: String(toMs) };
	const values: Record<string, string> = {
		...walked,
		...window,
		fromMs: '',
		toMs: '',
		service: 'cart-api',
		operation: 'GET /cart',
		version: '1',
		key: 'http.route',
		keys: 'service,http.route',
		step: '5m',
		kind: 'Alert',
		name: 'walked',
		firingId: 'f'.repeat(32),
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
			const filled = path.replaceAll(/\{(\w+)\}/g, (_, part: string) => encodeURIComponent(values[part] ?? 'walked'));
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
