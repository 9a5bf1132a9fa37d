import { NOW_MS } from './now.ts';
import type {
	AlertAnswer,
	AlertsAnswer,
	AlertSeriesAnswer,
	BacktestAnswer,
	Declared,
	Delivery,
	Firing,
	FiringDetail,
	FiringsAnswer,
	StateOfGroup,
} from '../../schema/api-alerts.ts';
import type { AlertSpec, DocumentOf } from '../../schema/desired-state.ts';

const MS = 1e6;
const DAY_MS = 86_400_000;
const owner = { source: null };

export const alertDocument = (name: string, facts: Partial<AlertSpec> = {}): DocumentOf<'Alert'> => ({
	apiVersion: 'spanhouse.dev/v1',
	kind: 'Alert',
	metadata: { name, labels: { team: 'shop' }, annotations: {} },
	spec: {
		query: 'service:shop/checkout operation:"POST /checkout"',
		spans: 'entry',
		measure: 'p95',
		window: '5m',
		every: '1m',
		groupBy: [],
		conditions: [{ severity: 'page', above: '800ms', recoverBelow: '700ms', for: '5 of 6' }],
		overrides: [],
		minRequests: 20,
		noData: 'keep',
		enabled: true,
		notify: ['oncall'],
		...facts,
	},
});

export const groupState = (facts: Partial<StateOfGroup> = {}): StateOfGroup => ({
	group: {},
	severity: 'page',
	state: 'firing',
	sinceMs: NOW_MS - 12 * 60_000,
	value: 1_240 * MS,
	threshold: 800 * MS,
	firingId: 'firing-1',
	...facts,
});

export const alertAnswer = (name: string, facts: Partial<AlertAnswer> = {}): AlertAnswer => ({
	document: alertDocument(name),
	version: 3,
	author: 'anonymous',
	changedMs: NOW_MS - 3 * DAY_MS,
	owner,
	state: 'firing',
	severity: 'page',
	unit: 'nanoseconds',
	groups: [groupState()],
	groupsOf: 1,
	groupsFiring: 1,
	evaluatedMs: NOW_MS - 30_000,
	silenced: false,
	firings7d: 4,
	strip: [
		{ fromMs: NOW_MS - 7 * DAY_MS, toMs: NOW_MS - 2 * DAY_MS, state: 'normal' },
		{ fromMs: NOW_MS - 2 * DAY_MS, toMs: NOW_MS - 2 * DAY_MS + 19 * 60_000, state: 'firing' },
		{ fromMs: NOW_MS - 2 * DAY_MS + 19 * 60_000, toMs: NOW_MS - 17 * 60_000, state: 'normal' },
		{ fromMs: NOW_MS - 17 * 60_000, toMs: NOW_MS - 12 * 60_000, state: 'pending' },
		{ fromMs: NOW_MS - 12 * 60_000, toMs: NOW_MS, state: 'firing' },
	],
	...facts,
});

/** One that fires, one of a rate that is calm, one that could not be evaluated. */
export const alertsAnswer = (facts: Partial<AlertsAnswer> = {}): AlertsAnswer => ({
	alerts: [
		alertAnswer('checkout-is-slow'),
		alertAnswer('cart-errors', {
			document: alertDocument('cart-errors', {
				query: 'service:shop/cart',
				measure: 'errorPercent',
				conditions: [{ severity: 'ticket', above: '5%', for: '10m' }],
				notify: [],
			}),
			state: 'normal',
			severity: null,
			unit: 'percent',
			groups: [groupState({ state: 'normal', severity: 'ticket', value: 0.4, threshold: 5, sinceMs: NOW_MS - DAY_MS })],
			groupsFiring: 0,
			firings7d: 0,
			strip: [{ fromMs: NOW_MS - 3 * DAY_MS, toMs: NOW_MS, state: 'normal' }],
		}),
		alertAnswer('payments-by-route', {
			document: alertDocument('payments-by-route', { groupBy: ['http.route'] }),
			state: 'error',
			severity: null,
			groups: [
				groupState({ state: 'error', value: null, reason: 'more than 1,000 groups', sinceMs: NOW_MS - 3_600_000 }),
			],
			groupsFiring: 0,
			silenced: true,
			firings7d: 0,
			strip: [],
		}),
	],
	blind: false,
	watermarkMs: NOW_MS - 4_000,
	...facts,
});

/** A day of minutes, slow for 20 of them. */
export const alertSeriesAnswer = (facts: Partial<AlertSeriesAnswer> = {}): AlertSeriesAnswer => ({
	window: { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS },
	everyMs: 60_000,
	windowMs: 300_000,
	unit: 'nanoseconds',
	recordedSinceMs: NOW_MS - 3 * DAY_MS,
	series: [{ group: {}, points: evaluationPoints(1_440) }],
	...facts,
});

/** Minutes up to now, in nanoseconds around 400 ms; from 30 minutes ago on for 20 of them about 1.2 s. */
export function evaluationPoints(count: number): AlertSeriesAnswer['series'][number]['points'] {
	return Array.from({ length: count }, (_, i) => {
		const minutesAgo = count - 1 - i;
		const isSlow = minutesAgo <= 30 && minutesAgo > 10;
		return {
			tMs: NOW_MS - minutesAgo * 60_000,
			value: minutesAgo === 90 ? null : (isSlow ? 1_200 : 400 + ((i * 37) % 60)) * MS,
			requests: 300,
			revised: minutesAgo === 60,
		};
	});
}

const NO_TALLY = { firings: 0, totalMs: 0, longestMs: 0, flaps: 0, noDataRatio: 0 };

/** Two days of minutes with one slow stretch of 20; the screen judges them itself. */
export const backtestAnswer = (facts: Partial<BacktestAnswer> = {}): BacktestAnswer => ({
	window: { fromMs: NOW_MS - 2 * DAY_MS, toMs: NOW_MS },
	everyMs: 60_000,
	unit: 'nanoseconds',
	series: [{ group: {}, points: evaluationPoints(2_880), bands: [], tally: NO_TALLY }],
	tally: NO_TALLY,
	current: null,
	suggested: 500 * MS,
	seenMs: 2 * DAY_MS,
	warnings: [],
	...facts,
});

export const firing = (facts: Partial<Firing> = {}): Firing => ({
	firingId: 'firing-1',
	alert: 'checkout-is-slow',
	kind: 'Alert',
	severity: 'page',
	group: {},
	labels: { team: 'shop' },
	services: ['shop/checkout'],
	title: 'p95 of POST /checkout is 1.24 s, above 800 ms',
	query: 'service:shop/checkout operation:"POST /checkout" duration>800ms',
	state: 'firing',
	startedMs: NOW_MS - 12 * 60_000,
	endedMs: null,
	reason: null,
	unit: 'nanoseconds',
	value: 1_240 * MS,
	threshold: 800 * MS,
	acknowledged: null,
	silencedUntilMs: null,
	budgetLeftRatio: null,
	...facts,
});

export const firingsAnswer = (facts: Partial<FiringsAnswer> = {}): FiringsAnswer => ({
	firings: [
		firing(),
		firing({
			firingId: 'firing-0',
			state: 'resolved',
			startedMs: NOW_MS - 50 * 60_000,
			endedMs: NOW_MS - 31 * 60_000,
			reason: 'recovered',
			acknowledged: { tMs: NOW_MS - 45 * 60_000, author: 'mara', text: '' },
		}),
	],
	...facts,
});

export const delivery = (facts: Partial<Delivery> = {}): Delivery => ({
	key: 'checkout-is-slow/page/1',
	channel: 'oncall',
	firingId: 'firing-1',
	state: 'delivered',
	attempts: 1,
	lastStatus: 200,
	lastError: null,
	nextMs: null,
	createdMs: NOW_MS - 12 * 60_000,
	...facts,
});

export const channelDocument = (name: string, facts: Partial<DocumentOf<'Channel'>['spec']> = {}): Declared => ({
	document: {
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Channel',
		metadata: { name, labels: {}, annotations: {} },
		spec: { type: 'slack', url: '${env:SLACK_URL}', sendResolved: true, ...facts },
	},
	version: 1,
	author: 'anonymous',
	changedMs: NOW_MS - DAY_MS,
	owner,
});

const TRACE = { operation: 'POST /checkout', endMs: NOW_MS - 13 * 60_000 };

export const firingDetail = (facts: Partial<FiringDetail> = {}): FiringDetail => ({
	...firing(),
	evidence: {
		frozenMs: NOW_MS - 12 * 60_000,
		requests: 312,
		ofRequests: 1_248,
		users: 57,
		comparedWith: 'rest',
		differences: [
			{
				key: 'payment.provider',
				value: 'acme',
				selected: 290,
				rest: 40,
				selectedRatio: 0.93,
				restRatio: 0.04,
				score: 0.89,
			},
			{
				key: 'service.version',
				value: 'v92',
				selected: 312,
				rest: 600,
				selectedRatio: 1,
				restRatio: 0.64,
				score: 0.36,
			},
		],
		change: { changeId: 'c1', title: 'deploy of v92', service: 'shop/checkout', tMs: NOW_MS - 15 * 60_000 },
		violating: { ...TRACE, traceId: 'a'.repeat(32), durationNano: 1_900 * MS },
		good: { ...TRACE, traceId: 'b'.repeat(32), durationNano: 310 * MS },
		related: [{ firingId: 'firing-9', title: 'error rate of payment is 12 %', direction: 'downstream' }],
	},
	timeline: [
		{ tMs: NOW_MS - 17 * 60_000, kind: 'pending', text: '' },
		{ tMs: NOW_MS - 12 * 60_000, kind: 'fired', text: 'p95 is 1.24 s' },
		{ tMs: NOW_MS - 12 * 60_000 + 2_000, kind: 'notified', text: 'oncall' },
	],
	notes: [{ tMs: NOW_MS - 8 * 60_000, author: 'mara', text: 'looking at the provider' }],
	points: evaluationPoints(73),
	...facts,
});
