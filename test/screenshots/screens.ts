import type { Page } from 'playwright';
import type { Examples } from './examples.ts';

export interface Screen {
	/** Of its file. */
	name: string;
	path: string;
	/** What is done on it before the picture. */
	act?: (page: Page) => Promise<void>;
}

type Search = Record<string, string | number>;

const address = (path: string, search: Search): string =>
	`${path}?${new URLSearchParams(Object.entries(search).map(([key, value]): [string, string] => [key, String(value)])).toString()}`;

/** Every screen, and the states of it that look different. */
export function screensOf(examples: Examples): Screen[] {
	const time = { from: examples.fromMs, to: examples.toMs };
	const at = (name: string, path: string, search: Search = {}, act?: Screen['act']): Screen => ({
		name,
		path: address(path, { ...time, ...search }),
		...(act === undefined ? {} : { act }),
	});
	return [
		...frame(at),
		...services(at, examples),
		...search(at, examples),
		...traces(examples),
		...findings(at, examples),
		...alerting(at, examples),
		...settings,
	];
}

type At = (name: string, path: string, search?: Search, act?: Screen['act']) => Screen;

const press =
	(...keys: string[]) =>
	async (page: Page): Promise<void> => {
		for (const key of keys) await page.keyboard.press(key);
	};

const frame = (at: At): Screen[] => [
	at('now', '/'),
	at('palette', '/services', {}, press('Control+k')),
	at('keys', '/services', {}, press('?')),
	at('time-picker', '/services', {}, press('t')),
	{ name: 'welcome', path: '/welcome' },
	{ name: 'welcome-collector', path: '/welcome?lang=collector' },
	{ name: 'login', path: '/login' },
	{ name: 'not-found', path: '/no/such/page' },
];

const services = (at: At, { toMs }: Examples): Screen[] => [
	at('services', '/services'),
	at('services-grouped', '/services', { group: 'ns', apdex: '100ms', kind: 'all' }),
	at('services-none', '/services', { from: 1_000, to: 3_601_000 }),
	at('service', '/services/shop%2Fcheckout'),
	at('service-heat', '/services/shop%2Fcheckout', { lat: 'heat' }),
	at('service-versions', '/services/shop%2Finventory', { versions: 'p95' }),
	at('service-dependencies', '/services/shop%2Fcheckout', { tab: 'deps' }),
	at('service-database', '/services/shop%2Fcheckout', { tab: 'db' }),
	at('service-instances', '/services/shop%2Fcheckout', { tab: 'instances' }),
	at('operation', '/services/shop%2Fweb', { op: 'POST /checkout' }),
	at('map', '/map'),
	at('map-node', '/map', { sel: 'service:shop/checkout' }),
	at('map-focus', '/map', { focus: 'service:shop/checkout' }),
	at('map-slice', '/map', { slice: toMs - 120_000, sel: 'service:shop/checkout' }),
	at('map-table', '/map', { view: 'table' }),
	at('map-filtered', '/map', { f: 'type:messaging' }),
	at('map-grouped', '/map', { group: 'namespace', open: 'shop' }),
	at('external', '/external'),
];

const search = (at: At, { slow, fromMs, toMs }: Examples): Screen[] => [
	at('traces', '/traces'),
	at('traces-query', '/traces', { q: 'service:checkout kind:server duration>100ms' }),
	at('traces-brush', '/traces', { brush: `${Math.round((fromMs + toMs) / 2)},${toMs},100000000,` }),
	at('traces-picked', '/traces', { q: 'service:shop/web entry:true', pick: 'duration>100ms' }),
	at('traces-spans', '/traces', { view: 'spans', q: 'type:db' }),
	at('traces-rate', '/traces', { chart: 'rate' }),
	at('traces-series', '/traces', { chart: 'series', measure: 'p95', by: 'service' }),
	at('traces-preview', '/traces', { preview: slow.traceId }),
	at('traces-none', '/traces', { q: 'service:checkout customer.tier:platinum' }),
	at('traces-wrong', '/traces', { q: 'duration>500' }),
	at('explore', '/explore'),
	at('explore-stack', '/explore', { shape: 'stack', by: 'customer.tier', q: 'service:checkout' }),
	at('board', '/explore/board/Shop'),
];

function traces({ slow, other, failed, querySpanId }: Examples): Screen[] {
	const of = (name: string, search: Search = {}): Screen => ({
		name,
		path: address(`/trace/${slow.traceId}`, { at: slow.endMs, ...search }),
	});
	return [
		of('trace'),
		of('trace-span', { span: querySpanId }),
		of('trace-filter', { f: 'type:db', only: 1 }),
		of('trace-path', { list: 'path' }),
		of('trace-flame', { v: 'flame' }),
		of('trace-table', { v: 'table' }),
		of('trace-logs', { v: 'logs' }),
		of('trace-graph', { v: 'graph' }),
		of('trace-json', { v: 'json' }),
		{ name: 'trace-failed', path: `/trace/${failed.traceId}?span=${failed.spanId}&list=errors` },
		{ name: 'trace-missing', path: `/trace/${'a'.repeat(32)}` },
		{ name: 'open-file', path: '/open' },
		{ name: 'compare-choice', path: `/compare/${slow.traceId}` },
		{
			name: 'compare',
			path: address(`/compare/${slow.traceId}/${other.traceId}`, { ata: slow.endMs, atb: other.endMs }),
		},
		{
			name: 'compare-operations',
			path: address(`/compare/${slow.traceId}/${other.traceId}`, {
				ata: slow.endMs,
				atb: other.endMs,
				v: 'operations',
			}),
		},
	];
}

const findings = (at: At, { query, exceptionId, performanceId, deploy }: Examples): Screen[] => [
	at('database', '/db'),
	at('database-query', `/db/${query.fingerprint}`, { sys: query.system, ns: query.namespace }),
	at('issues', '/issues'),
	at('issue-exception', `/issues/${exceptionId}`),
	at('issue-performance', `/issues/${performanceId}`),
	at('changes', '/changes'),
	at('deploy', `/deploys/${encodeURIComponent(deploy.service)}/${encodeURIComponent(deploy.version)}`),
];

const alerting = (at: At, { firingId }: Examples): Screen[] => [
	at('alerts', '/alerts'),
	at('alert', '/alerts/checkout-is-slow'),
	at('alert-edit', '/alerts/checkout-is-slow', { edit: 1, past: '24h' }),
	at('alert-new', '/alerts/new', { q: 'service:shop/web', bound: '200ms', past: '24h' }),
	{ name: 'firing', path: `/firings/${firingId}` },
	at('slos', '/slos'),
	at('slo', '/slos/checkout-latency'),
	at('slo-new', '/slos/new', { total: 'service:shop/cart' }),
	{ name: 'maintenance', path: '/settings/channels?maintenance=nightly-backup' },
	{ name: 'config', path: '/config' },
	{ name: 'config-open', path: '/config?open=Alert%2Fcheckout-is-slow' },
];

const settings: Screen[] = [
	'ingest',
	'projects',
	'keys',
	'users',
	'audit',
	'retention',
	'channels',
	'preferences',
	'about',
].map((tab) => ({ name: `settings-${tab}`, path: `/settings/${tab}` }));
