import type { FiringsAnswer } from '../../schema/api-alerts.ts';
import type { ChangesAnswer } from '../../schema/api-changes.ts';
import type { QueriesAnswer } from '../../schema/api-database.ts';
import type { IssuesAnswer } from '../../schema/api-issues.ts';
import type { ProjectsAnswer } from '../../schema/api-projects.ts';
import type { ServicesAnswer, SpansAnswer, TracesAnswer } from '../../schema/api.ts';
import { DEMO_PROJECT } from '../../schema/project.ts';
import { writeBoard } from '../../ui/pages/explore/board.ts';
import type { BoardChart } from '../../ui/pages/explore/board.ts';

/** What of the shop's traffic is looked at. Ids that are not there are empty. */
export interface Examples {
	fromMs: number;
	toMs: number;
	/** A checkout that was slow, the one after, and one that failed. */
	slow: { traceId: string; endMs: number };
	other: { traceId: string; endMs: number };
	failed: { traceId: string; spanId: string };
	/** The query that the slow checkout waits for. */
	querySpanId: string;
	query: { fingerprint: string; system: string; namespace: string };
	exceptionId: string;
	performanceId: string;
	firingId: string;
	deploy: { service: string; version: string };
}

interface Declared {
	kind: string;
	name: string;
	labels?: Record<string, string>;
	spec: object;
}

const DOCUMENTS: readonly Declared[] = [
	{
		kind: 'Channel',
		name: 'oncall',
		spec: { type: 'slack', url: '${env:SLACK_URL}' },
	},
	{
		kind: 'Route',
		name: 'shop-pages',
		spec: { match: { team: 'shop', severity: 'page' }, notify: ['oncall'], groupBy: ['service'] },
	},
	{
		kind: 'Alert',
		name: 'checkout-is-slow',
		labels: { team: 'shop' },
		spec: {
			query: 'service:shop/web operation:"POST /checkout"',
			measure: 'p95',
			window: '1m',
			every: '10s',
			conditions: [{ severity: 'page', above: '150ms', for: '1 of 1' }],
		},
	},
	{
		kind: 'Alert',
		name: 'payments-fail',
		labels: { team: 'payments' },
		spec: {
			query: 'service:shop/payment',
			measure: 'errorPercent',
			window: '5m',
			every: '1m',
			groupBy: ['operation'],
			conditions: [
				{ severity: 'page', above: '5%', for: '5 of 6' },
				{ severity: 'ticket', above: '2%', for: '30m' },
			],
		},
	},
	{
		kind: 'Alert',
		name: 'storefront-is-busy',
		labels: { team: 'shop' },
		spec: {
			query: 'service:shop/web',
			measure: 'requestsPerSecond',
			window: '1m',
			every: '30s',
			conditions: [{ severity: 'ticket', above: 500, for: '5m' }],
		},
	},
	{
		kind: 'SLO',
		name: 'checkout-latency',
		labels: { team: 'shop' },
		spec: {
			total: 'service:shop/checkout kind:server',
			good: 'duration<200ms -error:true',
			targetPercent: 99,
			window: { duration: '7d' },
		},
	},
	{
		kind: 'SLO',
		name: 'storefront-availability',
		labels: { team: 'shop' },
		spec: { total: 'service:shop/web', good: '-error:true', targetPercent: 99.9, window: { duration: '30d' } },
	},
	{
		kind: 'Silence',
		name: 'nightly-backup',
		spec: {
			match: { service: 'shop/db' },
			every: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], at: '02:30', for: '1h' },
			timeZone: 'Europe/Berlin',
			reason: 'Nightly backup',
		},
	},
	{
		kind: 'Silence',
		name: 'load-test',
		spec: {
			match: { team: 'load' },
			until: new Date(Date.now() + 3 * 86_400_000).toISOString(),
			reason: 'The load test may be slow',
		},
	},
];

const CHARTS: readonly BoardChart[] = [
	{ title: 'Requests by service', search: 'by=service' },
	{ title: 'p95 by service', search: 'measure=p95&by=service' },
	{ title: 'Failures', search: 'measure=errorPercent&by=service' },
	{ title: 'Queries by what they do', search: 'q=type%3Adb&by=operation&spans=all&shape=stack' },
];

/** Rules, objectives, a key, saved views, as a team would have them; where the shop's traffic goes. */
export async function declareExamples(ui: string): Promise<void> {
	await send(ui, 'POST', '/projects', { name: DEMO_PROJECT, title: 'Demo shop' });
	for (const { kind, name, labels, spec } of DOCUMENTS) {
		const metadata = { name, ...(labels === undefined ? {} : { labels }) };
		await send(ui, 'PUT', `/config/${kind}/${name}`, { apiVersion: 'spanhouse.dev/v1', kind, metadata, spec });
	}
	await send(ui, 'PUT', '/views/traces/Slow%20checkouts', {
		search: 'q=service%3Acheckout+duration%3E100ms',
		description: 'What support asks about',
	});
	await send(ui, 'PUT', '/views/explore/Checkouts%20by%20tier', { search: 'q=service%3Acheckout&by=customer.tier' });
	await send(ui, 'PUT', '/views/board/Shop', { search: writeBoard(CHARTS) });
	await send(ui, 'POST', '/changes', {
		kind: 'flag',
		service: 'shop/checkout',
		revision: 'express-lane: on',
		author: 'ada',
	});
}

/** Whether its project is the one that is shown when none is named. */
export const isShopKnown = async (ui: string): Promise<true | undefined> =>
	(await ask<ProjectsAnswer>(ui, '/projects')).home === 'demo' || undefined;

async function send(ui: string, method: string, path: string, body: object): Promise<void> {
	const init = { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
	const answer = await fetch(`${ui}/api/v1${path}${path === '/projects' ? '' : `?project=${DEMO_PROJECT}`}`, init);
	// The project may be there since its first spans.
	const isThere = path === '/projects' && answer.status === 409;
	if (!answer.ok && !isThere) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

async function ask<Answer>(ui: string, path: string): Promise<Answer> {
	const answer = await fetch(`${ui}/api/v1${path}`);
	if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
	return (await answer.json()) as Answer;
}

const find = (q: string, rest = ''): string => `/traces?from=now-6h&q=${encodeURIComponent(q)}${rest}`;
const endOf = (trace: TracesAnswer['traces'][number] | undefined): number =>
	trace === undefined ? 0 : Math.ceil((Number(trace.startUnixNano) + trace.durationNano) / 1e6);

/** The stretch of time of the traffic, and what in it is worth looking at. */
export async function readExamples(ui: string): Promise<Examples> {
	const checkouts = await ask<TracesAnswer>(
		ui,
		find('service:shop/checkout operation:"POST /orders"', '&sort=-duration'),
	);
	const failed = await ask<SpansAnswer>(ui, find('service:payment error:true kind:server').replace('traces', 'spans'));
	const [slow, , , other] = checkouts.traces;
	const queries = await ask<SpansAnswer>(
		ui,
		`/spans?from=now-6h&sort=-duration&q=${encodeURIComponent(`traceId:${slow?.traceId ?? ''} type:db`)}`,
	);
	const oldest = await ask<TracesAnswer>(ui, find('entry:true', '&sort=end&limit=1'));
	const newest = await ask<TracesAnswer>(ui, find('entry:true', '&limit=1'));
	return {
		fromMs: endOf(oldest.traces[0]) - 10_000,
		toMs: endOf(newest.traces[0]) + 10_000,
		slow: { traceId: slow?.traceId ?? '', endMs: endOf(slow) },
		other: { traceId: other?.traceId ?? '', endMs: endOf(other) },
		failed: { traceId: failed.spans[0]?.traceId ?? '', spanId: failed.spans[0]?.spanId ?? '' },
		querySpanId: queries.spans[0]?.spanId ?? '',
		...(await readObjects(ui)),
	};
}

type Objects = Pick<Examples, 'query' | 'exceptionId' | 'performanceId' | 'firingId' | 'deploy'>;

async function readObjects(ui: string): Promise<Objects> {
	const { queries } = await ask<QueriesAnswer>(ui, '/db/queries?from=now-6h');
	const { issues } = await ask<IssuesAnswer>(ui, '/issues?from=now-6h');
	const { firings } = await ask<FiringsAnswer>(ui, '/firings?from=now-6h');
	const { changes } = await ask<ChangesAnswer>(ui, '/changes?from=now-6h');
	const { services } = await ask<ServicesAnswer>(ui, '/services?from=now-6h');
	const slowest = queries.toSorted((a, b) => b.totalNano - a.totalNano)[0];
	const deploy = changes.find(({ kind, service }) => kind === 'deploy' && service.endsWith('inventory'));
	return {
		query: {
			fingerprint: slowest?.fingerprint ?? '',
			system: slowest?.system ?? '',
			namespace: slowest?.namespace ?? '',
		},
		exceptionId: issues.find(({ kind }) => kind === 'exception')?.issueId ?? '',
		performanceId: issues.find(({ kind }) => kind !== 'exception')?.issueId ?? '',
		firingId: firings[0]?.firingId ?? '',
		deploy: {
			service: deploy?.service ?? services[0]?.service ?? '',
			version: deploy?.revision ?? '',
		},
	};
}
