import { expect, test } from 'vitest';
import { AlertWorld, watchedRule } from '../../test/support/alert-world.ts';
import { evaluationCases } from './evaluate/read-cases.ts';
import type { EvaluationCase } from './evaluate/read-cases.ts';
import { Evaluator } from './evaluator.ts';
import type { Measured } from './evaluate/evaluate.ts';
import type { Transition } from './transition.ts';

const minuteMs = 60_000;
const t0 = Date.UTC(2026, 10, 20, 12);
const [{ spec }] = evaluationCases() as [EvaluationCase];
const rule = watchedRule({
	...spec,
	window: '1m',
	every: '1m',
	conditions: [{ severity: 'page', above: '800ms', for: '1 of 1' }],
});

/** Slow from minute 3 to 6, and again from minute 9 on. */
const isSlow = (minute: number): boolean => (minute >= 3 && minute < 6) || minute >= 9;

function worldOfTwo() {
	const world = new AlertWorld();
	world.watched = [rule];
	world.measured.set(
		'rule',
		new Map(
			Array.from({ length: 20 }, (_, minute): [number, Measured] => {
				const tMs = t0 + minute * minuteMs;
				const sample = { value: isSlow(minute) ? 900e6 : 100e6, requests: 100, before: [] };
				return [tMs, { kind: 'values', tMs, groups: new Map([['[]', sample]]) }];
			}),
		),
	);
	return world;
}

/** A collector with an outbox of its own, which evaluates while it has an epoch. What it takes over is listed too. */
async function collectorOf(world: AlertWorld, turn: { epoch: number | undefined }) {
	const told: Transition[] = [];
	const takenOver: Transition[] = [];
	const publish = async (transition: Transition): Promise<void> => {
		if (told.some(({ firingId, state }) => firingId === transition.firingId && state === transition.state)) return;
		told.push(transition);
	};
	const scheduling = world.scheduling(publish);
	const evaluator = await Evaluator.open({
		scheduling,
		publish,
		takeOver: (transition) => {
			takenOver.push(transition);
			return publish(transition);
		},
		toldFirings: () =>
			[...new Map(told.map((one) => [one.firingId, one])).values()].filter(({ endedMs }) => endedMs === null),
		epoch: () => turn.epoch,
		clock: () => world.nowMs,
	});
	const inWords = ({ state, startedMs }: Transition): string => `${(startedMs - t0) / minuteMs} ${state}`;
	return { evaluator, states: () => told.map(inWords), takenOver: () => takenOver.map(inWords) };
}

test('another collector goes on where one stopped: a firing begins and ends everywhere, and what was told is not forgotten', async () => {
	const world = worldOfTwo();
	const turns: { epoch: number | undefined }[] = [{ epoch: 1 }, { epoch: undefined }];
	const collectors = [await collectorOf(world, turns[0]!), await collectorOf(world, turns[1]!)];
	const [first, second] = collectors.map(({ evaluator }) => evaluator);
	const reach = async (minute: number): Promise<string[][]> => {
		world.reach(t0 + minute * minuteMs);
		for (const [index, { evaluator }] of collectors.entries())
			expect(await evaluator.step()).toBe(turns[index]!.epoch !== undefined);
		return collectors.map(({ states }) => states());
	};
	for (const minute of [0, 1, 2, 3]) await reach(minute);
	expect(await reach(4)).toEqual([['3 firing'], []]);
	// Who doesn't evaluate shows what the other found, and neither tells nor writes of it.
	await reach(5);
	expect(second!.entry('default', rule.key)?.state).toEqual(first!.entry('default', rule.key)?.state);
	const rows = [world.table.rows.size, world.table.stateRows.length, world.table.events.size];
	await second!.step();
	expect([world.table.rows.size, world.table.stateRows.length, world.table.events.size]).toEqual(rows);

	// The first one may have died before it told: what fires is told by the second one.
	turns[0]!.epoch = undefined;
	turns[1]!.epoch = 2;
	expect(await reach(5)).toEqual([['3 firing'], ['3 firing']]);
	expect(await reach(6)).toEqual([['3 firing'], ['3 firing', '3 resolved']]);
	expect(await reach(9)).toEqual([['3 firing'], ['3 firing', '3 resolved', '9 firing']]);

	// Back again, it learns of the end that it didn't see.
	turns[1]!.epoch = undefined;
	turns[0]!.epoch = 3;
	expect((await reach(10))[0]).toEqual(['3 firing', '3 resolved', '9 firing']);
	expect(world.history().map((line) => line.replace(/ page.*/, ''))).toEqual(
		[3, 6, 9].map((minute, index) => `${t0 + minute * minuteMs} ${index === 1 ? 'resolved' : 'fired'}`),
	);
});

test('of what ended within the hour before, the end is taken over: the one before may not have told it', async () => {
	const world = worldOfTwo();
	const turns: { epoch: number | undefined }[] = [{ epoch: 1 }, { epoch: undefined }];
	const [first, second] = [await collectorOf(world, turns[0]!), await collectorOf(world, turns[1]!)];
	const reach = async (minute: number): Promise<void> => {
		world.reach(t0 + minute * minuteMs);
		for (const { evaluator } of [first, second]) await evaluator.step();
	};
	for (const minute of [2, 4, 7]) await reach(minute);
	expect(first.states()).toEqual(['3 firing', '3 resolved']);
	turns[0]!.epoch = undefined;
	turns[1]!.epoch = 2;
	await reach(8);
	expect(second.takenOver()).toEqual(['3 resolved']);
	turns[1]!.epoch = undefined;
	await reach(19);
	world.nowMs = t0 + 90 * minuteMs;
	turns[1]!.epoch = 3;
	await second.evaluator.step();
	expect(second.takenOver()).toEqual(['3 resolved']);
});
