import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from '../../../schema/query-language.ts';
import { badQuery, budgetBar, formatBudget, formatTarget, goodQuery, healthOf } from './objective-words.ts';
import { budgetCourse, burnDown } from './burn-down.ts';

const HOUR_MS = 3_600_000;

test('the course is 1 less the share of allowed failures, event by event', () => {
	const step = fc.tuple(fc.nat(50), fc.nat(50)).map(([good, bad]) => ({ good, total: good + bad }));
	expect(budgetCourse([{ good: 0, total: 0 }], 99)).toEqual({
		sliPercent: null,
		budgetLeftRatio: null,
		course: [null],
	});
	fc.assert(
		fc.property(
			fc.array(step, { minLength: 1, maxLength: 20 }).filter((counts) => counts.some(({ total }) => total > 0)),
			fc.constantFrom(50, 90, 99, 99.9),
			(counts, target) => {
				const { sliPercent, budgetLeftRatio, course } = budgetCourse(counts, target);
				const events = counts.flatMap(
					({ good, total }) => [...Array(good).fill(true), ...Array(total - good).fill(false)] as boolean[],
				);
				const bad = events.filter((isGood) => !isGood).length;
				const allowed = (events.length * (100 - target)) / 100;
				expect(sliPercent).toBeCloseTo(100 - (bad / events.length) * 100, 9);
				expect(budgetLeftRatio).toBeCloseTo((allowed - bad) / allowed, 9);
				expect(course.at(-1)).toBeCloseTo(budgetLeftRatio ?? Number.NaN, 9);
				let seen = 0;
				for (const [i, { total }] of counts.entries()) {
					seen += total;
					const left = 1 - events.slice(0, seen).filter((isGood) => !isGood).length / allowed;
					expect(course[i] === null).toBe(seen === 0);
					expect(course[i] ?? left).toBeCloseTo(left, 9);
				}
			},
		),
	);
});

test('the projection loses the same each step and is 0 where the server says so; even spending ends with the window', () => {
	const points = Array.from({ length: 100 }, (_, i) => ({
		tMs: (i + 1) * HOUR_MS,
		good: 1,
		total: 1,
		budgetLeftRatio: 1 - i * 0.004,
	}));
	const window = { fromMs: 0, toMs: 100 * HOUR_MS };
	const exhaustedMs = 110 * HOUR_MS;
	const budgetLeftRatio = 1 - 99 * 0.004;
	const { steps, left, even, projected } = burnDown({ window, stepMs: HOUR_MS, points, exhaustedMs, budgetLeftRatio });
	expect(steps.timesMs).toHaveLength(115);
	expect(left.slice(0, 101).filter((value) => value !== null)).toHaveLength(100);
	expect(even[99]).toBeCloseTo(0, 9);
	expect(even[100]).toBeNull();
	// Walked step by step from the last known value.
	let walked = points[99]?.budgetLeftRatio ?? 0;
	const loss = walked / 10;
	for (let i = 99; i < 110; i++) {
		expect(projected[i]).toBeCloseTo(walked, 9);
		walked -= loss;
	}
	expect(projected[98]).toBeNull();
	expect(projected[110]).toBeNull();
	// A young objective has no whole step yet, and is drawn all the same.
	const young = burnDown({ window, stepMs: 3 * HOUR_MS, points: [], exhaustedMs: null, budgetLeftRatio: -2 });
	expect(young.left.flatMap((value, i) => (value === null ? [] : [[i, value]]))).toEqual([[33, -2]]);
	// Of one whose points begin late the window is drawn all the same, and no more of the future.
	const late = burnDown({ window, stepMs: HOUR_MS, points: points.slice(90), exhaustedMs: null, budgetLeftRatio: 0.5 });
	expect(late.steps).toEqual(steps);
	expect(late.left.slice(0, 90).every((value) => value === null)).toBe(true);
	expect(late.left.slice(90, 100)).toEqual(left.slice(90, 100));
	expect(
		burnDown({ window, stepMs: HOUR_MS, points, exhaustedMs: null, budgetLeftRatio }).projected.every(
			(value) => value === null,
		),
	).toBe(true);
});

test('good and bad part the total: their queries are read, whatever stands in them', () => {
	for (const total of ['', 'service:a OR service:b', 'service:shop/checkout']) {
		for (const good of ['duration<1s -error:true', '-error:true', 'a:1 OR b:2']) {
			for (const query of [badQuery({ total, good, spans: 'entry' }), goodQuery({ total, good })]) {
				expect(parseQuery(query).kind, query).toBe('query');
			}
		}
	}
	expect(badQuery({ total: 'a:1 OR b:2', good: '-error:true', spans: 'entry' })).toBe(
		'(a:1 OR b:2) NOT (-error:true) entry:true',
	);
});

test('figures keep the digits that tell them from 100, and budgets their sign', () => {
	expect([99.928, 99.5, 99.9999, 100, 93, 0].map(formatTarget)).toEqual(
		['99.928 %', '99.5 %', '99.9999 %', '100 %', '93 %', '0 %'].map((text) => text.replace(' ', '\u00a0')),
	);
	expect([0.28, -1.4, 0, 0.004, null].map(formatBudget)).toEqual(
		['28 %', '−140 %', '0 %', '0.4 %', '–'].map((text) => text.replace(' ', '\u00a0')),
	);
	expect([1.2, 0.5, 0.1, 0, -0.4, -3, null].map(budgetBar)).toEqual([
		{ fill: 1, look: 'ok' },
		{ fill: 0.5, look: 'ok' },
		{ fill: 0.1, look: 'warn' },
		{ fill: 0, look: 'error' },
		{ fill: 0.4, look: 'error' },
		{ fill: 1, look: 'error' },
		{ fill: 0, look: 'none' },
	]);
	const of = (firing: 'page' | 'ticket' | null, budgetLeftRatio: number | null, total = 9) =>
		healthOf({ firing, budgetLeftRatio, total });
	expect([of('page', -1), of('ticket', -1), of('ticket', 0.4), of(null, 0.4), of(null, null, 0)]).toEqual([
		'page',
		'spent',
		'ticket',
		'ok',
		'none',
	]);
});
