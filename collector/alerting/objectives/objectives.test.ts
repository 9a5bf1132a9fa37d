import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ObjectiveSpec } from '../../../schema/desired-state.ts';
import { evaluate, freshState } from '../evaluate/evaluate.ts';
import { budgetAt, budgetPoints, burnSample, exhaustedAt } from './budget.ts';
import { burnRatesFor, burnWarnings, lowTrafficWarnings } from './burn-rates.ts';
import { periodAround } from './calendar.ts';
import { MinuteCounts } from './minute-counts.ts';
import { objectiveOf, ruleOfObjective } from './objective.ts';
import type { Objective } from './objective.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const begin = Date.UTC(2026, 0, 5);

const spec: ObjectiveSpec = {
	total: 'service:checkout',
	good: '-error:true',
	spans: 'entry',
	targetPercent: 99.9,
	window: { duration: '30d', rolling: true, timeZone: 'UTC' },
	minBadEvents: 10,
	notify: [],
};
function objective(more: Partial<ObjectiveSpec> = {}): Objective {
	const metadata = { name: 'slo', labels: {}, annotations: {} };
	const read = objectiveOf({ apiVersion: 'spanhouse.dev/v1', kind: 'SLO', metadata, spec: { ...spec, ...more } });
	if (read.kind === 'problems') throw new Error(JSON.stringify(read.problems));
	return read.objective;
}

/** Minutes with so many events, of which a share is bad from some moment on. */
function traffic(minutes: number, perMinute: number, badRatio: (minute: number) => number): MinuteCounts {
	const counts = new MinuteCounts(62 * dayMs);
	for (let minute = 0; minute < minutes; minute += 1) {
		counts.set({
			tMs: begin + minute * minuteMs,
			total: perMinute,
			good: Math.round(perMinute * (1 - badRatio(minute))),
		});
	}
	return counts;
}

test('the burn rates of 30 days are those of the workbook, and every window has the same shares of its budget', () => {
	expect(burnRatesFor(30 * dayMs)).toEqual([
		{ severity: 'page', longMs: hourMs, shortMs: 5 * minuteMs, rate: 14.4 },
		{ severity: 'page', longMs: 6 * hourMs, shortMs: 30 * minuteMs, rate: 6 },
		{ severity: 'ticket', longMs: 3 * dayMs, shortMs: 6 * hourMs, rate: 1 },
	]);
	for (const days of [7, 28, 30, 90]) {
		const shares = burnRatesFor(days * dayMs).map(({ rate, longMs }) => (rate * longMs) / (days * dayMs));
		for (const [index, share] of [0.02, 0.05, 0.1].entries())
			expect(Math.abs(shares[index]! - share)).toBeLessThan(0.0005);
	}
});

describe('when an outage is told of', () => {
	/** The workbook's arithmetic: a long window is over its rate when badRatio × elapsed = rate × (1 − target) × window. */
	const minutesToFire = (rate: number, longMs: number, badRatio: number): number =>
		Math.ceil((rate * 0.001 * longMs) / badRatio / minuteMs + 1e-9);

	test.each([
		// Everything fails: after 52 seconds an hour's window is over 14.4.
		{ badRatio: 1, key: 'page', rate: 14.4, longMs: hourMs },
		{ badRatio: 0.1, key: 'page', rate: 14.4, longMs: hourMs },
		{ badRatio: 0.02, key: 'page', rate: 14.4, longMs: hourMs },
		// Too little for 14.4 over an hour: 0.7 % bad is 7 times the budget.
		{ badRatio: 0.007, key: 'page 2', rate: 6, longMs: 6 * hourMs },
		{ badRatio: 0.003, key: 'ticket', rate: 1, longMs: 3 * dayMs },
	])('$badRatio of the events fail: $key', ({ badRatio, key, rate, longMs }) => {
		const of = objective();
		const rule = ruleOfObjective(of);
		const quiet = 4 * 1_440;
		const counts = traffic(9 * 1_440, 10_000, (minute) => (minute < quiet ? 0 : badRatio));
		let state = freshState();
		let firedAfter: number | undefined;
		for (let minute = quiet; minute < 9 * 1_440 && firedAfter === undefined; minute += 1) {
			const tMs = begin + minute * minuteMs;
			const groups = new Map([['[]', burnSample(of, counts, tMs)]]);
			const evaluation = evaluate(rule, { kind: 'values', tMs, groups }, state);
			state = evaluation.state;
			if (evaluation.changes.some((change) => change.kind === 'fired' && change.conditionKey === key)) {
				firedAfter = minute - quiet;
			}
		}
		// On the very minute it may be equal, but for the last bit of a float.
		const expected = minutesToFire(rate, longMs, badRatio);
		expect([expected - 1, expected]).toContain(firedAfter);
	});

	test('nothing is told with less than half a window counted, or fewer bad events than are asked for', () => {
		const of = objective();
		const outage = traffic(29, 1_000, () => 1);
		expect(burnSample(of, outage, begin + 29 * minuteMs).before.slice(0, 2)).toEqual([null, null]);
		const longer = traffic(30, 1_000, () => 1);
		expect(burnSample(of, longer, begin + 30 * minuteMs).before[0]).toBeCloseTo(1_000, 6);
		const rare = traffic(60, 1, (minute) => (minute >= 51 ? 1 : 0));
		expect(burnSample(of, rare, begin + hourMs).before.slice(0, 2)).toEqual([null, null]);
		const enough = traffic(60, 1, (minute) => (minute >= 50 ? 1 : 0));
		expect(burnSample(of, enough, begin + hourMs).before[0]).toBeCloseTo(10 / 60 / 0.001, 6);
	});

	test('it ends when the short window has recovered, long before the long one', () => {
		const of = objective();
		const counts = traffic(3 * 1_440, 10_000, (minute) => (minute >= 1_440 && minute < 1_460 ? 0.5 : 0));
		const rule = { ...ruleOfObjective(of), conditions: ruleOfObjective(of).conditions.slice(0, 1) };
		let state = freshState();
		const seen: string[] = [];
		for (let minute = 1_440; minute < 1_600; minute += 1) {
			const tMs = begin + minute * minuteMs;
			const evaluation = evaluate(
				rule,
				{ kind: 'values', tMs, groups: new Map([['[]', burnSample(of, counts, tMs)]]) },
				state,
			);
			state = evaluation.state;
			seen.push(...evaluation.changes.map(({ kind }) => `${minute - 1_440} ${kind}`));
		}
		// 0.5 × minutes > 14.4 × 0.001 × 60; five minutes without the last bad one, 0.5 / 5 > 0.0144.
		expect(seen).toEqual(['2 fired', '25 resolved']);
	});
});

test('burn, budget and exhaustion are those of a count by hand', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(fc.nat(50), fc.nat(50)), { minLength: 120, maxLength: 400 }),
			fc.constantFrom(90, 99, 99.9),
			(minutes, targetPercent) => {
				const of = objective({
					targetPercent,
					minBadEvents: 0,
					window: { duration: '1d', rolling: true, timeZone: 'UTC' },
				});
				const counts = new MinuteCounts(3 * dayMs);
				for (const [index, [good, bad]] of minutes.entries())
					counts.set({ tMs: begin + index * minuteMs, good, total: good + bad });
				const endMs = begin + minutes.length * minuteMs;
				const last = (count: number) => minutes.slice(-count);
				const bad = (some: typeof minutes) => some.reduce((sum, [, one]) => sum + one, 0);
				const all = (some: typeof minutes) => some.reduce((sum, [one, other]) => sum + one + other, 0);
				const allowed = (all(minutes) * (100 - targetPercent)) / 100;
				const left = all(minutes) === 0 ? 1 : (allowed - bad(minutes)) / allowed;
				expect(budgetAt(of, counts, endMs).leftRatio).toBeCloseTo(left, 6);
				const six = last(360);
				const pace = (100 * bad(six)) / all(six) / (100 - targetPercent);
				const expected = left <= 0 ? endMs : pace > 0 ? endMs + (left * dayMs) / pace : null;
				const found = exhaustedAt(of, counts, endMs);
				expect(found === null ? null : Math.round(found / 1_000)).toBe(
					expected === null ? null : Math.round(expected / 1_000),
				);
				const [point] = budgetPoints(of, counts, { fromMs: endMs - 30 * minuteMs, toMs: endMs, stepMs: 30 * minuteMs });
				expect([point!.total, point!.total - point!.good]).toEqual([all(last(30)), bad(last(30))]);
			},
		),
		{ numRuns: 100 },
	);
});

test('slices of time are good or bad as a whole, or as much as their events were, and none without events', () => {
	const sliced = (timeSlice: { window: string; targetPercent?: number }) =>
		objective({ targetPercent: 90, timeSlice, minBadEvents: 0 });
	const of = sliced({ window: '5m', targetPercent: 95 });
	const counts = new MinuteCounts(dayMs);
	const slices = [
		[100, 100],
		[94, 100],
		[95, 100],
		[0, 0],
		[0, 10],
	];
	for (const [index, [good = 0, total = 0]] of slices.entries()) {
		for (let minute = 0; minute < 5; minute += 1)
			counts.set({ tMs: begin + (5 * index + minute) * minuteMs, good: good / 5, total: total / 5 });
	}
	const budget = budgetAt(of, counts, begin + 25 * minuteMs);
	expect([budget.good, budget.total]).toEqual([2, 4]);
	expect(budget.leftRatio).toBeCloseTo(1 - 2 / (4 * 0.1), 9);
	const average = budgetAt(sliced({ window: '5m' }), counts, begin + 25 * minuteMs);
	expect(average.total).toBe(4);
	expect(average.good).toBeCloseTo(1 + 0.94 + 0.95 + 0, 9);
	expect(average.leftRatio).toBeCloseTo(1 - (0.06 + 0.05 + 1) / (4 * 0.1), 9);
});

describe('periods of a calendar', () => {
	const iso = ({ fromMs, toMs }: { fromMs: number; toMs: number }) => [
		new Date(fromMs).toISOString(),
		new Date(toMs).toISOString(),
	];
	test.each([
		// Clocks go forward on 29 March 2026 in Berlin, and back on 25 October: those days have 23 and 25 hours.
		['2026-03-29T12:00:00Z', 'day', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
		['2026-10-25T12:00:00Z', 'day', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
		['2026-11-28T08:00:00Z', 'week', 'UTC', '2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z'],
		['2026-02-28T23:30:00Z', 'month', 'Asia/Tokyo', '2026-02-28T15:00:00.000Z', '2026-03-31T15:00:00.000Z'],
		['2026-01-01T02:00:00Z', 'month', 'America/New_York', '2025-12-01T05:00:00.000Z', '2026-01-01T05:00:00.000Z'],
		// Midnight doesn't exist there: clocks went from 0:00 to 1:00.
		['2018-11-04T12:00:00Z', 'day', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
	] as const)('%s: the %s in %s', (at, unit, timeZone, from, to) => {
		expect(iso(periodAround(Date.parse(at), unit, timeZone))).toEqual([from, to]);
	});

	test('the budget of a month is of its expected traffic: one error in its first hour does not spend it', () => {
		const of = objective({ targetPercent: 99.5, window: { duration: '30d', rolling: false, timeZone: 'UTC' } });
		const counts = new MinuteCounts(40 * dayMs);
		const first = Date.UTC(2026, 3, 1);
		for (let minute = 0; minute < 60; minute += 1)
			counts.set({ tMs: first + minute * minuteMs, good: minute === 30 ? 9 : 10, total: 10 });
		// 600 in the first of 720 hours: 432,000 are expected, of which 2,160 may fail.
		expect(budgetAt(of, counts, first + hourMs).leftRatio).toBeCloseTo(1 - 1 / 2_160, 9);
	});
});

test('a rule that can never fire, hardly fires, or fires on one error is warned of', () => {
	const rates = burnRatesFor(30 * dayMs);
	expect(burnWarnings(rates, 0.93)).toHaveLength(1);
	expect(burnWarnings(rates, 0.94)).toHaveLength(0);
	expect(burnWarnings(rates, 0.8)).toHaveLength(2);
	expect(lowTrafficWarnings(rates, 0.999, 5, 10).some((text) => text.includes('hardly'))).toBe(true);
	expect(lowTrafficWarnings(rates, 0.999, 5, 0).filter((text) => text.includes('one bad event'))).toHaveLength(3);
	expect(lowTrafficWarnings(rates, 0.999, 100_000, 10)).toEqual([]);
});

test('what is wrong with an objective is said with its place', () => {
	const metadata = { name: 'slo', labels: {}, annotations: {} };
	const problemsOf = (more: Partial<ObjectiveSpec>) => {
		const read = objectiveOf({ apiVersion: 'spanhouse.dev/v1', kind: 'SLO', metadata, spec: { ...spec, ...more } });
		return read.kind === 'problems' ? read.problems.map(({ path }) => path) : [];
	};
	expect(problemsOf({ window: { duration: '91d', rolling: true, timeZone: 'UTC' } })).toEqual(['spec.window.duration']);
	expect(problemsOf({ window: { duration: '3d', rolling: false, timeZone: 'Mars/Olympus' } })).toEqual([
		'spec.window.duration',
		'spec.window.timeZone',
	]);
	expect(problemsOf({ good: 'duration>', timeSlice: { window: '90s', targetPercent: 99 } })).toEqual([
		'spec.good',
		'spec.timeSlice.window',
	]);
});
