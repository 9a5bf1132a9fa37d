import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AlertSpec } from '../../schema/desired-state.ts';
import { AlertWorld, watchedRule } from '../../test/support/alert-world.ts';
import { replay } from './evaluate/backtest.ts';
import type { Measured } from './evaluate/evaluate.ts';
import type { Sample } from './evaluate/judge.ts';
import { writeChange } from './evaluate/read-cases.ts';

const minuteMs = 60_000;
const begin = 1_700_000_040_000;

const hold = fc.constantFrom('1 of 1', '2 of 3', '5 of 6', '3m', '10m');
const condition = fc.record({
	severity: fc.constantFrom('page' as const, 'ticket' as const),
	above: fc.constantFrom('400ms', '600ms', '800ms'),
	for: hold,
});
const spec = fc.record({
	conditions: fc.array(condition, { minLength: 1, maxLength: 3 }),
	noData: fc.constantFrom('keep' as const, 'ok' as const, 'fire' as const),
	minRequests: fc.constantFrom(0, 20),
	isGrouped: fc.boolean(),
	recover: fc.boolean(),
});
/** A value in milliseconds; 0 for a group that is not there, -1 for one without a value, -2 for a failed query. */
const token = fc.oneof(
	{ weight: 6, arbitrary: fc.integer({ min: 100, max: 1_000 }) },
	{ weight: 1, arbitrary: fc.constantFrom(0, -1, -2) },
);
const series = fc.array(fc.array(token, { minLength: 5, maxLength: 60 }), { minLength: 1, maxLength: 3 });

function measuredAt(tMs: number, tokens: readonly number[], isGrouped: boolean): Measured {
	if (tokens.includes(-2)) return { kind: 'error', tMs, reason: 'failed' };
	const groups = new Map<string, Sample>();
	for (const [index, value] of tokens.entries()) {
		if (value === 0 || (!isGrouped && index > 0)) continue;
		const requests = value < 0 ? 0 : value % 40;
		groups.set(isGrouped ? JSON.stringify([`g${index}`]) : '[]', {
			value: value < 0 ? null : value * 1e6,
			requests,
			before: [],
		});
	}
	return { kind: 'values', tMs, groups };
}

test('the back-test says exactly what the scheduler does, whenever it looks and however often it dies', async () => {
	await fc.assert(
		fc.asyncProperty(
			spec,
			series,
			fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 60 }),
			async (written, all, strides) => {
				const conditions = written.conditions.map((one) => (written.recover ? { ...one, recoverBelow: '300ms' } : one));
				const groupBy = written.isGrouped ? ['service'] : [];
				const { noData, minRequests } = written;
				const rule: AlertSpec = {
					query: '',
					spans: 'entry',
					measure: 'p95',
					window: '5m',
					every: '1m',
					overrides: [],
					enabled: true,
					notify: [],
					conditions,
					groupBy,
					noData,
					minRequests,
				};
				const world = new AlertWorld();
				const watched = watchedRule(rule);
				world.watched = [watched];
				const length = Math.max(...all.map((tokens) => tokens.length));
				const measured = Array.from({ length }, (_, index) =>
					measuredAt(
						begin + index * minuteMs,
						all.map((tokens) => tokens[index] ?? 0),
						written.isGrouped,
					),
				);
				world.measured.set('rule', new Map(measured.map((one) => [one.tMs, one])));
				world.reach(begin);
				let scheduler = await world.open();
				for (let index = 0, turn = 0; index < length; turn += 1) {
					world.reach(begin + index * minuteMs);
					await scheduler.step();
					const stride = strides[turn % strides.length] ?? 1;
					if (stride === 9) scheduler = await world.open();
					index = index === length - 1 ? length : Math.min(length - 1, index + stride);
				}
				const { changes } = replay(watched.rule, measured);
				const written1 = changes.map(writeChange).sort();
				const seen = world
					.history()
					.map((line) => line.replace(/^\d+/, (time) => String((Number(time) - begin) / minuteMs)));
				expect(seen.sort()).toEqual(written1);
			},
		),
		{ numRuns: 150 },
	);
});
