import { NOW_MS } from './now.ts';
import type { SeriesAnswer } from '../../schema/api-measures.ts';
import type { ObjectiveAnswer, ObjectiveDetail, ObjectivesAnswer } from '../../schema/api-objectives.ts';
import type { DocumentOf, ObjectiveSpec } from '../../schema/desired-state.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const window = { fromMs: NOW_MS - 30 * DAY_MS, toMs: NOW_MS };

const objectiveDocument = (name: string, facts: Partial<ObjectiveSpec> = {}): DocumentOf<'SLO'> => ({
	apiVersion: 'spanhouse.dev/v1',
	kind: 'SLO',
	metadata: { name, labels: {}, annotations: {} },
	spec: {
		total: 'service:shop/checkout',
		good: 'duration<1s -error:true',
		spans: 'entry',
		targetPercent: 99.5,
		window: { duration: '30d', rolling: true, timeZone: 'UTC' },
		minBadEvents: 10,
		notify: [],
		...facts,
	},
});

export const objectiveAnswer = (name: string, facts: Partial<ObjectiveAnswer> = {}): ObjectiveAnswer => ({
	document: objectiveDocument(name),
	version: 2,
	author: 'anonymous',
	changedMs: NOW_MS - DAY_MS,
	owner: { source: null },
	window,
	good: 997_120,
	total: 1_000_000,
	sliPercent: 99.712,
	budgetLeftRatio: 0.424,
	burns: [1, 6, 24, 72].map((hours, i) => ({ windowMs: hours * HOUR_MS, rate: [6.2, 3.1, 1.4, 0.9][i] ?? null })),
	exhaustedMs: NOW_MS + 32 * HOUR_MS,
	firing: 'page',
	recordedSinceMs: NOW_MS - 12 * DAY_MS,
	services: ['shop/checkout'],
	...facts,
});

/** One that burns, one that is spent, one that is kept. */
export const objectivesAnswer = (facts: Partial<ObjectivesAnswer> = {}): ObjectivesAnswer => ({
	slos: [
		objectiveAnswer('cart-availability', {
			firing: null,
			budgetLeftRatio: 0.93,
			sliPercent: 99.965,
			exhaustedMs: null,
		}),
		objectiveAnswer('checkout-latency'),
		objectiveAnswer('search', { firing: null, budgetLeftRatio: -1.4, sliPercent: 98.8, exhaustedMs: NOW_MS }),
	],
	...facts,
});

export const objectiveDetail = (facts: Partial<ObjectiveDetail> = {}): ObjectiveDetail => ({
	...objectiveAnswer('checkout-latency'),
	stepMs: 6 * HOUR_MS,
	points: Array.from({ length: 120 }, (_, i) => ({
		tMs: window.fromMs + (i + 1) * 6 * HOUR_MS,
		good: 8_300,
		total: 8_333,
		budgetLeftRatio: 1 - (i + 1) * 0.0048,
	})),
	alerts: [
		{
			severity: 'page',
			longMs: HOUR_MS,
			shortMs: HOUR_MS / 12,
			rate: 14.4,
			state: 'normal',
			longBurn: 6.2,
			shortBurn: 7,
		},
		{
			severity: 'page',
			longMs: 6 * HOUR_MS,
			shortMs: HOUR_MS / 2,
			rate: 6,
			state: 'firing',
			longBurn: 6.4,
			shortBurn: 6.9,
		},
		{
			severity: 'ticket',
			longMs: 72 * HOUR_MS,
			shortMs: 6 * HOUR_MS,
			rate: 1,
			state: 'normal',
			longBurn: 0.9,
			shortBurn: null,
		},
	],
	spenders: [
		{ key: 'operation', value: 'POST /charge', bad: 2_332, badRatio: 0.81, score: 0.7 },
		{ key: 'service.version', value: 'v92', bad: 2_246, badRatio: 0.78, score: 0.5 },
	],
	warnings: [],
	...facts,
});

/** `/series` of a count: as many in each step. */
export const countSeries = (perStep: number, steps = 4): SeriesAnswer => ({
	window: { fromMs: NOW_MS - steps * 6 * HOUR_MS, toMs: NOW_MS },
	stepMs: 6 * HOUR_MS,
	unit: 'count',
	series: [
		{
			group: {},
			requests: perStep * steps,
			value: perStep * steps,
			points: Array.from({ length: steps }, (_, i) => ({ tMs: NOW_MS - (steps - i) * 6 * HOUR_MS, value: perStep })),
		},
	],
});
