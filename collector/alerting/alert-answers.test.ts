import { expect, test } from 'vitest';
import type { AlertState } from '../../schema/alert.ts';
import type { AlertAnswer, Firing } from '../../schema/api-alerts.ts';
import type { AlertSpec } from '../../schema/desired-state.ts';
import { AlertWorld, watchedRule } from '../../test/support/alert-world.ts';
import type { DeclaredDocument } from '../desired/documents.ts';
import { alertAnswer } from './alert-answers.ts';
import type { Measured } from './evaluate/evaluate.ts';
import { keyOf } from './watched.ts';

const minuteMs = 60_000;
const weekMs = 7 * 24 * 60 * minuteMs;
const begin = 1_700_000_040_000;
const spec: AlertSpec = {
	query: '',
	spans: 'entry',
	measure: 'p95',
	window: '5m',
	every: '1m',
	overrides: [],
	enabled: true,
	notify: [],
	conditions: [{ severity: 'page', above: '800ms', for: '2 of 2' }],
	groupBy: [],
	noData: 'keep',
	minRequests: 0,
};

/** A minute each: `n` normal, `v` violates, `-` no value, `e` the query failed, `.` nothing came. */
function measuredAt(tMs: number, mark: string): Measured {
	if (mark === 'e') return { kind: 'error', tMs, reason: 'failed' };
	const value = mark === '-' ? null : mark === 'v' ? 900e6 : 100e6;
	const groups = new Map([['[]', { value, requests: value === null ? 0 : 50, before: [] }]]);
	return { kind: 'values', tMs, groups: mark === '.' ? new Map() : groups };
}

/** What is told after each minute was evaluated as soon as it was over. */
async function answerAfter(marks: string, laterMs = 30_000): Promise<AlertAnswer> {
	const world = new AlertWorld();
	const watched = watchedRule(spec);
	world.watched = [watched];
	const ticks = Array.from(marks, (mark, index) => measuredAt(begin + index * minuteMs, mark));
	world.measured.set('rule', new Map(ticks.map((one) => [one.tMs, one])));
	world.reach(begin);
	const scheduler = await world.open();
	for (const { tMs } of ticks) {
		world.reach(tMs);
		await scheduler.step();
	}
	const firings = world.published.flatMap((told, index): Firing[] =>
		told.state === 'firing'
			? [{ ...(told as unknown as Firing), alert: 'rule', endedMs: world.published[index + 1]?.endedMs ?? null }]
			: [],
	);
	return alertAnswer({
		declared: watched.declared as DeclaredDocument<'Alert'>,
		entry: scheduler.entry('default', keyOf('Alert', 'rule')),
		problems: [],
		firings,
		silenced: false,
		nowMs: begin + (marks.length - 1) * minuteMs + laterMs,
	});
}

/** Minute by minute from the first window on; nothing else may be in the strip. */
function minutes({ strip }: AlertAnswer, count: number): string {
	const letters: Partial<Record<AlertState, string>> = {
		normal: 'n',
		firing: 'F',
		pending: 'p',
		noData: '-',
		error: 'e',
	};
	expect(strip.filter(({ fromMs }) => fromMs < begin)).toEqual([]);
	return Array.from({ length: count }, (_, minute) => {
		const atMs = begin + minute * minuteMs;
		const there = strip.filter(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
		return there.map(({ state }) => letters[state] ?? '?').join('') || ' ';
	}).join('');
}

test.each([
	['young', 'nnn', 'nnn'],
	['fired and recovered', 'nnvvvnnn', 'nnnFFnnn'],
	['fires', 'nvvv', 'nnFF'],
	['about to fire', 'nnnv', 'nnnp'],
	['no more data', 'nnn---', 'nnn---'],
	['no data, and data again', 'n--nn', 'nnnnn'],
	['fails for a while', 'nnneee', 'nnneee'],
	['fired, then no data', 'vvnn--', 'nFnn--'],
	['never any data', '....', '----'],
])('the strip of a rule shows states since it was first evaluated, and nothing before: %s', async (_, marks, shown) => {
	expect(minutes(await answerAfter(marks), marks.length)).toBe(shown);
});

test('of a rule that is older than a week the whole week is shown', async () => {
	const { strip } = await answerAfter('nnn', weekMs + minuteMs);
	expect(strip).toHaveLength(1);
	expect(strip[0]!.toMs - strip[0]!.fromMs).toBe(weekMs);
});

test('a rule that is not evaluated has an empty strip', () => {
	const { declared } = watchedRule(spec);
	const facts = { entry: undefined, problems: [], firings: [], silenced: false, nowMs: begin };
	expect(alertAnswer({ declared: declared as DeclaredDocument<'Alert'>, ...facts }).strip).toEqual([]);
});

test('of many groups those that fire are told first, with how many there are and how many fire', async () => {
	const world = new AlertWorld();
	const watched = watchedRule({ ...spec, groupBy: ['http.route'] });
	world.watched = [watched];
	const all = Array.from({ length: 300 }, (_, place) => ({ key: JSON.stringify([`/${place}`]), isSlow: place >= 60 }));
	const groups = new Map(
		all.map(({ key, isSlow }) => [key, { value: isSlow ? 900e6 : 100e6, requests: 50, before: [] }]),
	);
	const ticks = [begin, begin + minuteMs].map((tMs): Measured => ({ kind: 'values', tMs, groups }));
	world.measured.set('rule', new Map(ticks.map((one) => [one.tMs, one])));
	world.reach(begin);
	const scheduler = await world.open();
	for (const { tMs } of ticks) {
		world.reach(tMs);
		await scheduler.step();
	}
	const answer = alertAnswer({
		declared: watched.declared as DeclaredDocument<'Alert'>,
		entry: scheduler.entry('default', keyOf('Alert', 'rule')),
		problems: [],
		firings: [],
		silenced: false,
		nowMs: begin + 2 * minuteMs,
	});
	expect(answer).toMatchObject({ groupsOf: 300, groupsFiring: 240 });
	expect(answer.groups.map(({ state }) => state)).toEqual(Array.from({ length: 200 }, () => 'firing'));
});
