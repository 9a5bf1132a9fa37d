import { NOW_MS } from './now.ts';
import type { Issue, IssueAnswer, IssueDecision, IssuesAnswer } from '../../schema/api-issues.ts';

const window = { fromMs: NOW_MS - 3_600_000, toMs: NOW_MS };

export const issue = (id: string, facts: Partial<Issue> = {}): Issue => ({
	issueId: id.repeat(16).slice(0, 16),
	kind: 'exception',
	service: 'shop/payment',
	operation: 'POST /charge',
	title: 'charge timed out after {n} ms',
	type: 'StripeTimeout',
	culprit: 'PaymentClient.charge · pay.js:51',
	count: 812,
	traces: 640,
	wastedNano: 0,
	firstSeenMs: NOW_MS - 40 * 60_000,
	lastSeenMs: NOW_MS - 60_000,
	versions: ['v91', 'v92'],
	versionsOf: 2,
	points: Array.from({ length: 20 }, (_, i): [number, number] => [
		window.fromMs + (10 + i) * 120_000,
		20 + ((i * 7) % 30),
	]),
	samples: ['1', '2', '3'].map((digit, index) => ({
		traceId: digit.repeat(32),
		spanId: digit.repeat(16),
		endMs: NOW_MS - (index + 1) * 60_000,
		environment: 'production',
		version: 'v92',
		operation: 'POST /charge',
		wastedNano: 0,
		spans: 0,
	})),
	state: 'new',
	stateVersion: 0,
	owner: '',
	merged: 0,
	cameWith: null,
	...facts,
});

export const nPlusOne = (facts: Partial<Issue> = {}): Issue =>
	issue('b', {
		kind: 'n-plus-one',
		service: 'shop/cart',
		operation: 'GET /cart',
		title: 'SELECT * FROM product WHERE id = ?',
		type: '',
		culprit: 'SELECT * FROM product WHERE id = ?',
		count: 44,
		traces: 44,
		wastedNano: 44 * 180e6,
		firstSeenMs: NOW_MS - 9 * 86_400_000,
		state: 'ongoing',
		stateVersion: 2,
		samples: issue('b').samples.map((sample) => ({ ...sample, spans: 14, wastedNano: 180e6 })),
		...facts,
	});

export const issuesAnswer = (facts: Partial<IssuesAnswer> = {}): IssuesAnswer => ({
	window,
	stepMs: 120_000,
	issues: [issue('a'), nPlusOne()],
	states: { new: 1, regressed: 0, escalating: 0, ongoing: 1, resolved: 3, ignored: 0 },
	services: ['shop/cart', 'shop/payment'],
	owners: [],
	analysis: { tracesAnalysed: 1_204, tracesSkipped: 0, tracesWaiting: 12 },
	...facts,
});

export const STACK = `StripeTimeout: charge timed out after 1500 ms
    at PaymentClient.charge (/app/src/pay.js:51:11)
    at Retry.run (/app/src/retry.js:12:5)
    at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)
    at next (/app/node_modules/express/lib/router/route.js:144:13)
    at checkout (/app/src/server.js:9:3)`;

export const decision = (facts: Partial<IssueDecision> = {}): IssueDecision => ({
	state: 'ongoing',
	version: 1,
	author: 'anonymous',
	changedMs: NOW_MS - 1_200_000,
	comment: '',
	owner: '',
	changed: ['state'],
	others: [],
	...facts,
});

export const issueAnswer = (facts: Partial<IssueAnswer> = {}): IssueAnswer => ({
	window,
	stepMs: 60_000,
	issue: issue('a'),
	message: 'charge timed out after 1500 ms',
	stack: STACK,
	subject: '',
	operations: [
		{ value: 'POST /charge', count: 800 },
		{ value: 'POST /refund', count: 12 },
	],
	environments: [{ value: 'production', count: 812 }],
	versions: [
		{ version: 'v92', count: 792, firstMs: NOW_MS - 2_400_000, lastMs: NOW_MS - 60_000 },
		{ version: 'v91', count: 20, firstMs: NOW_MS - 2_400_000, lastMs: NOW_MS - 2_000_000 },
	],
	messages: [{ value: 'charge timed out after 1500 ms', count: 812 }],
	deploys: [
		{ version: 'v92', firstSeenMs: NOW_MS - 2_400_000 },
		{ version: 'v91', firstSeenMs: NOW_MS - 6 * 86_400_000 },
	],
	history: [decision({ comment: 'Looking.' })],
	merged: [],
	...facts,
});
