import { expect, test } from 'vitest';
import { evaluationCases, timeOfEvaluation, writeChange } from './read-cases.ts';
import { replay, sumTallies, tallyOf } from './backtest.ts';
import type { Measured } from './evaluate.ts';
import { isQuiet, LEAST_SEEN_MS, thresholdCandidates } from './suggest-threshold.ts';
import { warningsOf } from './warnings.ts';

const cases = evaluationCases();
const minuteMs = 60_000;

test.each(cases)('the back-test, by cases: $name', ({ rule, measured, expected }) => {
	expect(replay(rule, measured).changes.map(writeChange).sort()).toEqual(expected.toSorted());
});

const { rule } = cases.find(({ name }) => name === 'fires at once without for')!;
const valuesOf = (milliseconds: readonly (number | null)[]): Measured[] =>
	milliseconds.map((value, index) => ({
		kind: 'values',
		tMs: timeOfEvaluation(index),
		groups: new Map([['[]', { value: value === null ? null : value * 1e6, requests: 100, before: [] }]]),
	}));

test('firings are counted with their time, the longest, those that came back soon, and what had no data', () => {
	const calm = Array.from({ length: 20 }, () => 100);
	const measured = valuesOf([900, 900, 100, 900, ...calm, 900, 900, 900, null, null]);
	const { bands } = replay(rule, measured);
	const found = bands.get('[]')!;
	const minutes = found.map(({ fromMs, toMs }) => [
		(fromMs - timeOfEvaluation(0)) / minuteMs,
		(toMs - fromMs) / minuteMs,
	]);
	// The last one goes on: no data keeps it.
	expect(minutes).toEqual([
		[0, 2],
		[3, 1],
		[24, 4],
	]);
	const tally = tallyOf(found, measured.length, 2);
	expect(tally).toEqual({ firings: 3, totalMs: 7 * minuteMs, longestMs: 4 * minuteMs, flaps: 1, noDataRatio: 2 / 29 });
	expect(sumTallies([tally, { ...tally, firings: 1, longestMs: 1 }])).toMatchObject({
		firings: 4,
		totalMs: 14 * minuteMs,
		longestMs: 4 * minuteMs,
	});
});

test('of a page and a ticket at once the time counts once', () => {
	const both = cases.find(({ name }) => name === 'two severities, each by itself')!;
	const bands = replay(both.rule, both.measured).bands.get('[]')!;
	expect(bands).toHaveLength(2);
	expect(tallyOf(bands, 5, 0).totalMs).toBe(4 * minuteMs);
});

/** A week of minutes: 100 to 200 ms, and one peak a day that is higher each day. */
const week = Array.from({ length: 7 * 1_440 }, (_, minute) => {
	const day = Math.floor(minute / 1_440);
	return minute % 1_440 === 700 ? 400 + 100 * day : 100 + ((minute * 37) % 101);
});

test('the suggested threshold is the lowest round one with at most one firing a week', () => {
	const measured = valuesOf(week);
	const candidates = thresholdCandidates(rule, measured);
	const suggested = candidates.find((candidate) => isQuiet(rule, candidate, measured));
	// Peaks of 400, 500 … 1000 ms: above 800 there are two, above 1000 none.
	expect(suggested).toBe(1_000e6);
	const peaks = (threshold: number) => week.filter((value) => value * 1e6 > threshold).length;
	for (const candidate of candidates.filter((one) => one < 1_000e6)) {
		expect(peaks(candidate) > 1 || isQuiet(rule, candidate, measured)).toBe(true);
	}
});

test('under a day of data there is no suggestion', () => {
	const short = valuesOf(week.slice(0, 1_439));
	expect(LEAST_SEEN_MS).toBe(1_440 * minuteMs);
	expect(thresholdCandidates(rule, short)).toEqual([]);
	expect(thresholdCandidates(rule, valuesOf(week.slice(0, 1_440)))).not.toEqual([]);
});

test('what would fire all the time, or never, is warned of', () => {
	const flapping = valuesOf(Array.from({ length: 240 }, (_, minute) => (minute % 10 === 0 ? 900 : 100)));
	expect(warningsOf(rule, flapping, 24)).toEqual(['It would have fired more than once an hour: 24 times in 4 h.']);
	expect(warningsOf({ ...rule, minRequests: 101 }, flapping, 0)[0]).toContain('the busiest had 100');
	const [condition] = rule.conditions;
	const never = {
		...rule,
		unit: 'percent' as const,
		conditions: [{ ...condition!, test: { kind: 'above' as const, threshold: 100, recover: 100 } }],
	};
	expect(warningsOf(never, [], 0)).toEqual(['The page condition can never fire: a share is never above 100 %.']);
	expect(warningsOf(rule, valuesOf([100]), 0)).toEqual([]);
});
