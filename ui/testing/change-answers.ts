import { NOW_MS } from './now.ts';
import type { Change, ChangesAnswer, Comparison, DeployAnswer, DeployContents } from '../../schema/api-changes.ts';

const HOUR_MS = 3_600_000;
const MS = 1e6;

export const change = (facts: Partial<Change> = {}): Change => ({
	changeId: `${facts.service ?? 'shop/checkout'} ${facts.revision ?? '2.14.0'}`,
	kind: 'deploy',
	source: 'seen',
	tMs: NOW_MS - 540_000,
	service: 'shop/checkout',
	environment: 'production',
	revision: '2.14.0',
	previous: '2.13.9',
	title: '',
	author: '',
	url: '',
	...facts,
});

/** Of a flag that spans showed. */
export const flagChange = (facts: Partial<Change> = {}): Change =>
	change({
		kind: 'flag',
		revision: 'on',
		previous: 'off',
		title: 'new-till: off → on',
		tMs: NOW_MS - 2 * HOUR_MS,
		flag: { key: 'new-till', effect: 'switch', beside: [] },
		...facts,
	});

export const changesAnswer = (facts: Partial<ChangesAnswer> = {}): ChangesAnswer => ({
	window: { fromMs: NOW_MS - 24 * HOUR_MS, toMs: NOW_MS },
	changes: [
		change({ author: 'ada', url: 'https://git.example.test/shop/checkout/releases/2.14.0' }),
		change({ kind: 'flag', source: 'told', service: 'shop/cart', revision: 'on', title: 'New basket for everybody', tMs: NOW_MS - HOUR_MS, previous: null, author: 'bo' }),
		change({ service: 'shop/search', revision: '8', previous: null, tMs: NOW_MS - 20 * HOUR_MS }),
		change({ kind: 'migration', source: 'told', service: '', environment: '', revision: '0042', tMs: NOW_MS - 21 * HOUR_MS, previous: null }),
	],
	...facts,
}); // prettier-ignore

export const comparison = (facts: Partial<Comparison> = {}): Comparison => ({
	before: { requests: 9_000, errors: 9, p50Nano: 12 * MS, p95Nano: 90 * MS, p99Nano: 300 * MS },
	after: { requests: 3_000, errors: 3, p50Nano: 12 * MS, p95Nano: 91 * MS, p99Nano: 310 * MS },
	errors: { verdict: 'same', before: 0.001, after: 0.001, low: -0.002, high: 0.003 },
	slow: { verdict: 'same', before: 0.05, after: 0.051, low: -0.01, high: 0.013 },
	verdict: 'same',
	...facts,
});

export const deployContents = (facts: Partial<DeployContents> = {}): DeployContents => ({
	earlier: { fromMs: NOW_MS - 840_000 - 24 * HOUR_MS, toMs: NOW_MS - 840_000 },
	newIssues: {
		list: [{ issueId: '00000000000000a1', kind: 'exception', type: 'PaymentTimeout', title: 'no answer within {n} ms', culprit: 'charge · pay.js:51', count: 41, firstSeenMs: NOW_MS - 500_000 }],
	},
	newQueries: {
		list: [{ fingerprint: '00000000000000b2', system: 'postgresql', namespace: 'shop', summary: 'SELECT retries', text: 'SELECT * FROM retries WHERE order_id = ?', calls: 1_204, errors: 0, totalNano: 3_400 * MS }],
	},
	newDependencies: { list: [{ node: 'service:shop/fraud', calls: 812 }] },
	goneDependencies: { list: [{ node: 'external:api.old-bank.test', calls: 3_021 }] },
	...facts,
}); // prettier-ignore

export const deployAnswer = (facts: Partial<DeployAnswer> = {}): DeployAnswer => ({
	service: 'shop/checkout',
	environment: 'production',
	version: '2.14.0',
	previous: '2.13.9',
	firstSeenMs: NOW_MS - 540_000,
	told: change({ author: 'ada', url: 'https://git.example.test/shop/checkout/releases/2.14.0' }),
	baseline: 'before',
	after: { fromMs: NOW_MS - 540_000, toMs: NOW_MS },
	before: { fromMs: NOW_MS - 1_080_000, toMs: NOW_MS - 540_000 },
	verdict: 'worse',
	entry: comparison({ errors: { verdict: 'worse', before: 0.001, after: 0.062, low: 0.044, high: 0.079 }, verdict: 'worse' }),
	operations: [
		{ operation: 'POST /checkout', kind: 'server', ...comparison({ errors: { verdict: 'worse', before: 0.001, after: 0.12, low: 0.09, high: 0.15 }, verdict: 'worse' }) },
		{ operation: 'GET /checkout/{id}', kind: 'server', ...comparison() },
		{ operation: 'SELECT orders', kind: 'client', ...comparison({ slow: { verdict: 'better', before: 0.05, after: 0.01, low: -0.06, high: -0.02 }, verdict: 'better' }) },
		{ operation: 'nightly', kind: 'internal', ...comparison({ errors: { verdict: 'unsure', before: 0, after: 0, low: -1, high: 1 }, slow: { verdict: 'unsure', before: 0, after: 0, low: -1, high: 1 }, verdict: 'unsure' }) },
	],
	newOperations: { list: ['POST /checkout/retry'] },
	goneOperations: { list: [] },
	contents: deployContents(),
	...facts,
}); // prettier-ignore
