import { describe, expect, test } from 'vitest';
import type { AlertSpec } from '../../schema/desired-state.ts';
import { AlertWorld, watchedRule } from '../../test/support/alert-world.ts';
import { ALERT_CRASH_POINTS } from './crash-point.ts';
import type { AlertCrashPoint } from './crash-point.ts';
import { evaluationCases, timeOfEvaluation } from './evaluate/read-cases.ts';
import type { EvaluationCase } from './evaluate/read-cases.ts';

const minuteMs = 60_000;
const begin = timeOfEvaluation(0);
const cases = evaluationCases();

function worldOf({ spec, measured }: Pick<EvaluationCase, 'spec' | 'measured'>): AlertWorld {
	const world = new AlertWorld();
	world.watched = [watchedRule(spec)];
	const values = measured.filter(({ kind }) => kind !== 'stale').map((one) => [one.tMs, one] as const);
	world.measured.set('rule', new Map(values));
	world.reach(begin);
	return world;
}

/** With times as the cases write them. */
const seenOf = (world: AlertWorld): string[] =>
	world
		.history()
		.map((line) => line.replace(/^\d+/, (time) => String((Number(time) - begin) / minuteMs)))
		.sort();

describe('the scheduler on a virtual clock, by cases', () => {
	test.each(cases)('$name', async (one) => {
		const world = worldOf(one);
		const scheduler = await world.open();
		for (const { kind, tMs } of one.measured) {
			if (kind === 'stale') world.nowMs += 3 * minuteMs;
			else world.reach(tMs);
			await scheduler.step();
		}
		expect(seenOf(world)).toEqual(one.expected.toSorted());
		const told = one.expected.filter((line) => / (fired|resolved) /.test(line));
		expect(world.published).toHaveLength(told.length);
	});
});

const flapping = cases.find(({ name }) => name.startsWith('5 of 6: one good value recovers'))!;

class Died extends Error {}

describe('a death in the middle of a transition loses nothing and tells nothing twice', () => {
	test.each(ALERT_CRASH_POINTS.flatMap((point) => [1, 2, 3, 4].map((time) => ({ point, time }))))(
		'$point, time $time',
		async ({ point, time }) => {
			const world = worldOf(flapping);
			let left = time;
			world.crash = async (at: AlertCrashPoint) => {
				if (at !== point || (left -= 1) !== 0) return;
				// What would be measured anew is something else: late spans came in.
				for (const [tMs, one] of world.measured.get('rule')!) {
					if (
						one.kind === 'values' &&
						world.table.rows.size > 0 &&
						[...world.table.rows.values()].some((row) => row.tMs === tMs)
					) {
						world.measured.get('rule')!.set(tMs, { kind: 'values', tMs, groups: new Map() });
					}
				}
				throw new Died();
			};
			let scheduler = await world.open();
			let deaths = 0;
			for (const { tMs } of flapping.measured) {
				world.reach(tMs);
				for (;;) {
					try {
						await scheduler.step();
						break;
					} catch (error) {
						if (!(error instanceof Died)) throw error;
						deaths += 1;
						scheduler = await world.open();
					}
				}
			}
			expect(deaths).toBe(left > 0 ? 0 : 1);
			expect(seenOf(world)).toEqual(flapping.expected.toSorted());
			// The same one may be handed on again, under the same firing and number.
			const keys = new Set(world.published.map(({ firingId, sequence }) => `${firingId} ${sequence}`));
			expect([...keys]).toHaveLength(2);
			expect(new Set(world.published.map(({ firingId }) => firingId)).size).toBe(1);
		},
	);
});

const simple: AlertSpec = {
	...flapping.spec,
	conditions: [{ severity: 'page', above: '800ms', for: '1 of 1' }],
};
const slow = (tMs: number, value = 900e6, key = '[]') =>
	({ kind: 'values', tMs, groups: new Map([[key, { value, requests: 100, before: [] }]]) }) as const;

async function firingWorld(spec: AlertSpec = simple, key = '[]') {
	const world = worldOf({ spec, measured: [slow(timeOfEvaluation(1), 900e6, key)] });
	const scheduler = await world.open();
	await scheduler.step();
	world.reach(timeOfEvaluation(1));
	await scheduler.step();
	expect(world.published.map(({ state }) => state)).toEqual(['firing']);
	return { world, scheduler };
}

test('a rule that is removed while it fires sends one end, with the reason', async () => {
	const { world, scheduler } = await firingWorld();
	world.watched = [];
	await scheduler.step();
	await scheduler.step();
	await (await world.open()).step();
	expect(world.published.map(({ state, reason }) => [state, reason])).toEqual([
		['firing', null],
		['resolved', 'rule removed'],
	]);
	expect(await world.table.states()).toEqual([]);
});

test('a rule that was removed while nobody evaluated ends too', async () => {
	const { world } = await firingWorld();
	world.watched = [];
	await world.open();
	await world.open();
	expect(world.published.map(({ reason }) => reason)).toEqual([null, 'rule removed']);
});

test('an edit of a threshold keeps the state', async () => {
	const { world, scheduler } = await firingWorld();
	world.watched = [watchedRule({ ...simple, conditions: [{ severity: 'page', above: '850ms', for: '1 of 1' }] })];
	world.measured.get('rule')!.set(timeOfEvaluation(2), slow(timeOfEvaluation(2), 900e6));
	world.reach(timeOfEvaluation(2));
	await scheduler.step();
	expect(world.published).toHaveLength(1);
});

test.each([
	['query', { query: 'service:other' }],
	['grouping', { groupBy: ['service'] }],
	['measure', { measure: 'p99' }],
])('an edit of the %s begins anew, and ends what fires', async (_, edit) => {
	const { world, scheduler } = await firingWorld();
	world.watched = [watchedRule({ ...simple, ...edit })];
	world.measured.clear();
	await scheduler.step();
	expect(world.published.map(({ reason }) => reason)).toEqual([null, 'rule changed']);
});

test('an edit that takes a condition away ends what it fired alone', async () => {
	const both: AlertSpec = {
		...simple,
		conditions: [...simple.conditions, { severity: 'ticket', above: '500ms', for: '1 of 1' }],
	};
	const world = worldOf({ spec: both, measured: [slow(timeOfEvaluation(1))] });
	const scheduler = await world.open();
	await scheduler.step();
	world.reach(timeOfEvaluation(1));
	await scheduler.step();
	world.watched = [watchedRule(simple)];
	await scheduler.step();
	expect(world.published.map(({ severity, reason }) => [severity, reason])).toEqual([
		['page', null],
		['ticket', null],
		['ticket', 'rule changed'],
	]);
});

describe('an outage', () => {
	test('of ingest fires nothing and resolves nothing; afterwards its windows are evaluated in order', async () => {
		const { world, scheduler } = await firingWorld();
		for (let minute = 0; minute < 30; minute += 1) {
			world.nowMs += minuteMs;
			await scheduler.step();
		}
		expect(world.published).toHaveLength(1);
		expect(scheduler.entry('default', 'Alert/rule')!.state.health).toBe('stale');
		const [high, low] = [timeOfEvaluation(20), timeOfEvaluation(21)];
		for (let number = 2; number <= 20; number += 1) {
			world.measured.get('rule')!.set(timeOfEvaluation(number), slow(timeOfEvaluation(number)));
		}
		world.measured.get('rule')!.set(low, slow(low, 100e6));
		world.reach(timeOfEvaluation(25));
		await scheduler.step();
		expect(world.published.map(({ state, endedMs }) => [state, endedMs])).toEqual([
			['firing', null],
			['resolved', low],
		]);
		expect(high).toBeLessThan(low);
	});

	test('of the store leaves windows due, and measures them when it is back', async () => {
		const { world, scheduler } = await firingWorld();
		world.storeIsAway = true;
		world.reach(timeOfEvaluation(2));
		await scheduler.step();
		expect(world.table.rows.size).toBe(2);
		world.storeIsAway = false;
		await scheduler.step();
		expect(world.table.rows.size).toBe(3);
	});

	test('of more than an hour begins anew what was pending, and keeps what fires', async () => {
		const spec: AlertSpec = {
			...simple,
			conditions: [
				{ severity: 'page', above: '800ms', for: '3 of 3' },
				{ severity: 'ticket', above: '500ms', for: '1 of 1' },
			],
		};
		const later = timeOfEvaluation(100);
		const world = worldOf({ spec, measured: [slow(timeOfEvaluation(1)), slow(timeOfEvaluation(2)), slow(later)] });
		const scheduler = await world.open();
		for (const number of [0, 1, 2]) {
			world.reach(timeOfEvaluation(number));
			await scheduler.step();
		}
		world.reach(later);
		const restarted = await world.open();
		await restarted.step();
		expect(seenOf(world)).toEqual(['1 fired ticket', '1 pending page', '100 pending page']);
		expect(restarted.entry('default', 'Alert/rule')!.skipped).toBe(97);
	});
});

test('an evaluator of an earlier epoch overwrites nothing', async () => {
	const { world, scheduler: old } = await firingWorld();
	const young = await world.open();
	world.measured.get('rule')!.set(timeOfEvaluation(2), slow(timeOfEvaluation(2), 100e6));
	world.reach(timeOfEvaluation(2));
	await young.step();
	const states = await world.table.states();
	world.measured.get('rule')!.set(timeOfEvaluation(3), slow(timeOfEvaluation(3), 900e6));
	world.reach(timeOfEvaluation(3));
	await old.step();
	expect(await world.table.states()).toEqual(states);
});

test('rules that ask the same are asked for at once', async () => {
	const world = new AlertWorld();
	const other: AlertSpec = { ...simple, conditions: [{ severity: 'ticket', above: '1s', for: '3 of 3' }] };
	world.watched = [
		watchedRule(simple, 'one'),
		watchedRule(other, 'two'),
		watchedRule({ ...other, query: 'env:prod' }, 'three'),
	];
	world.reach(begin);
	await (await world.open()).step();
	expect(world.questions).toBe(2);
	expect(world.table.rows.size).toBe(3);
});

test('also where others stand between them, more than are written together', async () => {
	const world = new AlertWorld();
	const queries = ['env:prod', 'env:staging', 'env:test'];
	world.watched = Array.from({ length: 150 }, (_, index) =>
		watchedRule({ ...simple, query: queries[index % 3]! }, `rule-${index}`),
	);
	world.reach(begin);
	await (await world.open()).step();
	// The third chunk begins in the middle of the second query, and again of the third.
	expect(world.questions).toBe(5);
	expect(world.table.rows.size).toBe(150);
});
