import { expect, test } from 'vitest';
import { documentSchema } from '../../schema/desired-state.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import type { Measured } from './evaluate/evaluate.ts';
import { burnRateWarnings } from './objective-warnings.ts';

const objective = (more: object = {}) =>
	documentSchema.parse({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'SLO',
		metadata: { name: 'works' },
		spec: { total: '', good: '-error:true', targetPercent: 99.9, window: { duration: '30d' }, ...more },
	}) as DocumentOf<'SLO'>;

/** Nothing at first, then so many events an hour: the first hour fills up. */
const traffic = (perHour: number, minutes: number): Measured[] =>
	Array.from({ length: 30 + minutes }, (_, minute) => {
		const requests = (perHour * Math.min(60, Math.max(0, minute - 29))) / 60;
		return { kind: 'values', tMs: minute * 60_000, groups: new Map([['[]', { value: 0, requests, before: [] }]]) };
	});

test('on little traffic an objective says which of its alerts one bad event sets off, or none ever', () => {
	const page = (times: string) => expect.stringMatching(new RegExp(`^The page at ${times} times .*Count slices`));
	expect(burnRateWarnings(objective({ minBadEvents: 1 }), traffic(10, 300))).toEqual([
		page('14.4'),
		page('6'),
		expect.stringMatching(/^The ticket .*one bad event/),
	]);
	// Five an hour are five in the first window and thirty in the second; ten bad ones are asked for.
	expect(burnRateWarnings(objective(), traffic(5, 300))).toEqual([
		expect.stringContaining('about 5 events come in its window, and it takes 10 bad ones'),
	]);
	expect(burnRateWarnings(objective(), traffic(50_000, 300))).toEqual([]);
	expect(burnRateWarnings(objective({ timeSlice: { window: '5m', targetPercent: 95 } }), traffic(5, 300))).toEqual([]);
});

test('less than an hour of events says nothing of traffic', () => {
	expect(burnRateWarnings(objective(), traffic(5, 60))).toEqual([]);
	expect(burnRateWarnings(objective(), [])).toEqual([]);
	expect(burnRateWarnings(objective({ targetPercent: 90 }), [])).toEqual([
		expect.stringContaining('14.4 times the budget can never fire'),
	]);
});
