import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_DATA_CHOICES } from '../../../schema/alert.ts';
import { thresholdOf } from '../../../collector/alerting/evaluate/quantity.ts';
import { ruleOf } from '../../../collector/alerting/evaluate/rule-of-document.ts';
import type { BacktestAnswer } from '../../../schema/api-alerts.ts';
import { alertDocument } from '../../testing/alert-answers.ts';
import { backtestOf } from '../../../collector/alerting/run-backtest.ts';
import type { Measured } from '../../../collector/alerting/evaluate/evaluate.ts';
import { groupKeyOf } from '../../../collector/alerting/evaluate/rule.ts';
import { isWhole, replaySeries } from './replay-series.ts';
import { boundText, nearestStop, thresholdStops } from './threshold-stops.ts';

const MINUTE_MS = 60_000;

function answerOf(groups: Record<string, (number | null)[]>): BacktestAnswer {
	const tally = { firings: 0, totalMs: 0, longestMs: 0, flaps: 0, noDataRatio: 0 };
	const series = Object.entries(groups).map(([route, values]) => ({
		group: route === '' ? {} : { 'http.route': route },
		points: values.map((value, i) => ({ tMs: (i + 1) * MINUTE_MS, value, requests: 100, revised: false })),
		bands: [],
		tally,
	}));
	const window = { fromMs: 0, toMs: 200 * MINUTE_MS };
	return {
		window,
		everyMs: MINUTE_MS,
		unit: 'nanoseconds',
		series,
		tally,
		current: null,
		suggested: null,
		seenMs: 0,
		warnings: [],
	};
}

/** Without the evaluator: fires once `needed` of the last `of` values lie above, ends when none of that holds. */
function bruteForce(values: readonly (number | null)[], threshold: number, needed: number, of: number) {
	const bands: [from: number, to: number][] = [];
	const seen: boolean[] = [];
	let from: number | undefined;
	for (const [i, value] of values.entries()) {
		if (value === null) continue;
		seen.push(value > threshold);
		const isHeld = seen.slice(-of).filter(Boolean).length >= needed;
		if (from === undefined && isHeld) from = i + 1;
		else if (from !== undefined && !isHeld && value <= threshold) {
			bands.push([from, i + 1]);
			from = undefined;
		}
	}
	if (from !== undefined) bands.push([from, values.length]);
	return bands;
}

const values = fc.array(fc.option(fc.integer({ min: 0, max: 10 }), { nil: null, freq: 8 }), {
	minLength: 40,
	maxLength: 40,
});

test('bands and counts are those of a plain count of the last values', () => {
	fc.assert(
		fc.property(values, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 4 }), (some, threshold, needed) => {
			const conditions = [{ severity: 'page' as const, above: `${threshold}ns`, for: `${needed} of 4` }];
			const read = ruleOf(alertDocument('x', { minRequests: 0, conditions }));
			if (read.kind !== 'rule') throw new Error('no rule');
			const result = replaySeries(read.rule, answerOf({ '': some }));
			const expected = bruteForce(some, threshold, needed, 4);
			const bands = result.series[0]?.bands.map(({ fromMs, toMs }) => [fromMs / MINUTE_MS, toMs / MINUTE_MS]);
			expect(bands).toEqual(expected);
			const lengths = expected.map(([from, to]) => to - from);
			expect(result.tally.firings).toBe(lengths.length);
			expect(result.tally.totalMs).toBe(lengths.reduce((sum, length) => sum + length, 0) * MINUTE_MS);
			expect(result.tally.longestMs).toBe(Math.max(0, ...lengths) * MINUTE_MS);
		}),
	);
});

test('the browser says what the server says, groups that come and go included', async () => {
	const sample = fc.option(fc.record({ value: fc.integer({ min: 0, max: 10 }), requests: fc.nat(30) }), { nil: null });
	const groups = fc.array(fc.tuple(sample, sample, sample), { minLength: 20, maxLength: 60 });
	const condition = fc.record({
		severity: fc.constantFrom('page' as const, 'ticket' as const),
		above: fc.integer({ min: 0, max: 9 }).map((nano) => `${nano}ns`),
		for: fc.constantFrom('1 of 1', '2 of 3', '3m'),
	});
	await fc.assert(
		fc.asyncProperty(
			groups,
			fc.array(condition, { minLength: 1, maxLength: 2 }),
			fc.constantFrom(...NO_DATA_CHOICES),
			async (rows, conditions, noData) => {
				const document = alertDocument('x', { groupBy: ['http.route'], minRequests: 5, noData, conditions });
				const read = ruleOf(document);
				if (read.kind !== 'rule') throw new Error('no rule');
				const measured: Measured[] = rows.map((row, i) => ({
					kind: 'values',
					tMs: (i + 1) * MINUTE_MS,
					groups: new Map(
						row.flatMap((one, g) => (one === null ? [] : [[groupKeyOf([`/${g}`]), { ...one, before: [] }]])),
					),
				}));
				const server = await backtestOf(read.rule, { measured, revised: new Set() }, null);
				expect(isWhole(server)).toBe(true);
				const { series, tally, warnings } = server;
				const replayed = replaySeries(read.rule, server);
				// The mean over groups depends on their order by a last digit.
				expect(replayed.tally.noDataRatio).toBeCloseTo(tally.noDataRatio, 9);
				const { noDataRatio } = tally;
				expect({ ...replayed, tally: { ...replayed.tally, noDataRatio } }).toEqual({ series, tally, warnings });
			},
		),
		{ numRuns: 200 },
	);
});

test('an answer that was thinned is not whole', () => {
	const answer = answerOf({ '/a': [1, 2, 3, 4] });
	expect(isWhole(answer)).toBe(true);
	answer.series[0]?.points.splice(1, 1);
	expect(isWhole(answer)).toBe(false);
});

test('stops ascend, are round, and reach beyond all values', () => {
	fc.assert(
		fc.property(
			fc.array(fc.double({ min: 1e-3, max: 1e12, noNaN: true }), { minLength: 1, maxLength: 20 }),
			(values) => {
				const stops = thresholdStops(values, 0, 'nanoseconds');
				expect(stops).toEqual([...new Set(stops)].sort((a, b) => a - b));
				expect(stops.at(-1)).toBeGreaterThanOrEqual(Math.max(...values) * 0.999);
				for (const stop of stops) expect(Number(stop.toPrecision(2))).toBe(stop);
				const [target = 0] = values;
				const brute = stops.toSorted((a, b) => Math.abs(a - target) - Math.abs(b - target))[0];
				expect(Math.abs((stops[nearestStop(stops, target)] ?? 0) - target)).toBe(Math.abs((brute ?? 0) - target));
			},
		),
	);
	expect(thresholdStops([0, null], 0, 'count')).toEqual([]);
	expect(thresholdStops([40, 99], 0, 'percent').at(-1)).toBe(100);
});

test('a stop goes into the document and is read as the same number', () => {
	for (const [value, unit, text] of [
		[760e6, 'nanoseconds', '760ms'],
		[1.2e9, 'nanoseconds', '1.2s'],
		[95, 'nanoseconds', '95ns'],
		[5, 'percent', '5%'],
		[0.25, 'perSecond', '0.25'],
	] as const) {
		expect(boundText(value, unit)).toBe(text);
		const written = unit === 'perSecond' ? Number(text) : text;
		expect(thresholdOf(written, unit)).toBe(value);
	}
});
