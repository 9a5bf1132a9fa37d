/** “Alert on this” stands at every chart, and begins a rule about what that chart shows. */
import { expect, test } from 'vitest';
import { firingsAnswer } from '../testing/alert-answers.ts';
import {
	histogramAnswer,
	instancesAnswer,
	operationsAnswer,
	redAnswer,
	servicesAnswer,
	statusAnswer,
} from '../testing/answers.ts';
import { changesAnswer } from '../testing/change-answers.ts';
import { queriesAnswer, queryAnswer } from '../testing/database-answers.ts';
import { issue, issueAnswer, issuesAnswer } from '../testing/issue-answers.ts';
import { mapAnswer } from '../testing/map-answers.ts';
import { NOW_MS } from '../testing/now.ts';
import { openApp } from '../testing/open-app.ts';
import { operationPathAnswer } from '../testing/path-answers.ts';
import { seriesAnswer } from '../testing/series-answers.ts';
import { writeBoard } from './explore/board.ts';

const board = {
	kind: 'board',
	name: 'On call',
	search: writeBoard([{ title: 'Slow', search: 'q=service%3Acheckout&measure=p99&by=version' }]),
	version: 1,
	author: 'anonymous',
	changedMs: NOW_MS,
};
const answers = {
	'/status': () => statusAnswer(),
	'/firings': () => firingsAnswer({ firings: [] }),
	'/issues': () => issuesAnswer(),
	'/changes': () => changesAnswer(),
	'/search/traces': () => ({ traces: [] }),
	'/services': () => servicesAnswer(),
	'/red': () => redAnswer(),
	'/operations': () => operationsAnswer(),
	'/operations/critical-path': () => operationPathAnswer(),
	'/instances': () => instancesAnswer(),
	'/latency-histogram': () => histogramAnswer(),
	'/series': () => seriesAnswer(),
	'/db/queries': () => queriesAnswer(),
	'/db/queries/00c0ffee00c0ffee': () => queryAnswer(),
	[`/issues/${issue('a').issueId}`]: () => issueAnswer(),
	'/service-map': () => mapAnswer(),
	'/views': () => ({ views: [board] }),
};

const PLACES: [path: string, begun: string[]][] = [
	['/?env=prod', ['requests: env:prod requestsPerSecond entry']],
	[
		'/services/shop%2Fcheckout?env=prod&lat=heat&versions=errorPercent',
		[
			'requests: service:shop/checkout env:prod requestsPerSecond entry above 20',
			'errors: service:shop/checkout env:prod errorPercent entry above 1%',
			'latency: service:shop/checkout env:prod p95 entry above 200ms',
			'latency of the heatmap: service:shop/checkout entry:true env:prod p95 all',
			'each version: service:shop/checkout env:prod errorPercent entry by version',
		],
	],
	[
		'/services/shop%2Fcheckout?op=POST%20%2Fcheckout',
		[
			'requests: service:shop/checkout operation:"POST /checkout" requestsPerSecond all above 20',
			'errors: service:shop/checkout operation:"POST /checkout" errorPercent all above 1%',
			'latency: service:shop/checkout operation:"POST /checkout" p95 all above 100ms',
			'durations: service:shop/checkout operation:"POST /checkout" p95 all above 100ms',
		],
	],
	[
		'/db?sys=redis&svc=shop/cart',
		['latency of these queries: type:db -kind:server service:shop/cart db.system.name:redis p95 all'],
	],
	[
		'/db/00c0ffee00c0ffee?sys=postgresql&ns=shop',
		[
			'latency: type:db db.query.fingerprint:"00c0ffee00c0ffee" p95 all above 20ms',
			'calls: type:db db.query.fingerprint:"00c0ffee00c0ffee" requestsPerSecond all above 20',
			'latency of the heatmap: type:db db.query.fingerprint:"00c0ffee00c0ffee" p95 all',
			'each version: type:db db.query.fingerprint:"00c0ffee00c0ffee" p95 all by version',
		],
	],
	[
		`/issues/${issue('a').issueId}`,
		['spans with StripeTimeout: service:shop/payment event.exception.type:StripeTimeout count all'],
	],
	['/map?sel=service:shop/checkout', ['shop/checkout: service:shop/checkout p95 entry above 80ms']],
	[
		'/map?sel=service:shop/web%20→%20service:shop/checkout',
		[
			'these calls: {service:"shop/checkout" kind:server} < {service:"shop/web" kind:client -type:db -type:messaging} p95 all above 80ms',
		],
	],
	['/explore/board/On%20call', ['Slow: service:checkout p99 entry by version']],
	['/explore?q=service:checkout&measure=p99&by=version', ['this: service:checkout p99 entry by version']],
	['/traces?q=service:checkout', ['latency: service:checkout p95 all']],
	['/traces?q=service:checkout&chart=rate', ['the rate: service:checkout requestsPerSecond all']],
	[
		'/traces?q=service:checkout&chart=series&measure=errorPercent',
		['this: service:checkout errorPercent all by service'],
	],
];

const begun = () =>
	[...document.querySelectorAll('a[aria-label^="Alert on "]')].map((link) => {
		const { searchParams } = new URL(link.getAttribute('href') ?? '', location.origin);
		const said = [link.getAttribute('aria-label')?.slice('Alert on '.length).concat(':')];
		said.push(searchParams.get('q') ?? '', searchParams.get('measure') ?? 'p95', searchParams.get('spans') ?? 'entry');
		if (searchParams.has('by')) said.push(`by ${searchParams.get('by')}`);
		if (searchParams.has('bound')) said.push(`above ${searchParams.get('bound')}`);
		return said.filter((word) => word !== '').join(' ');
	});

test.each(PLACES)('%s', async (path, expected) => {
	await openApp(path, answers);
	await expect.poll(begun, { timeout: 15_000 }).toEqual(expected);
});
