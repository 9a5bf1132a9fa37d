import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuery } from '../../../schema/query-language.ts';
import { alertAnswer, groupState } from '../../testing/alert-answers.ts';
import { burnNow, hitRatio, narrowed, stateNow, windowOf } from './firing-facts.ts';

test('any key and value make a query that is read', () => {
	fc.assert(
		fc.property(fc.string({ minLength: 1, maxLength: 30 }), fc.string({ maxLength: 30 }), (key, value) => {
			const parsed = parseQuery(narrowed('service:a', key, value));
			expect(parsed.kind, narrowed('service:a', key, value)).toBe('query');
		}),
	);
	expect(narrowed('service:a', 'http.route', '/x y')).toBe('service:a http.route:"/x y"');
	expect(narrowed('', 'cache', '')).toBe('-has:cache');
});

test('the window lasts from an hour before to the end, or to now, and is never empty', () => {
	expect(windowOf({ startedMs: 7_200_000, endedMs: 9_000_000 }, 10_000_000)).toEqual({
		fromMs: 3_600_000,
		toMs: 9_000_000,
	});
	expect(windowOf({ startedMs: 7_200_000, endedMs: null }, 7_200_000).toMs).toBe(7_260_000);
});

test('now is of the same group and severity, whatever the order of its keys', () => {
	const group = { env: 'prod', 'http.route': '/a' };
	const same = groupState({ group: { 'http.route': '/a', env: 'prod' }, value: 7 });
	const alert = alertAnswer('x', {
		groups: [groupState({ group: { env: 'prod' } }), groupState({ group, severity: 'ticket' }), same],
	});
	expect(stateNow(alert, { group, severity: 'page' })).toBe(same);
	expect(stateNow(alert, { group: {}, severity: 'page' })).toBeUndefined();
	expect(stateNow(undefined, { group, severity: 'page' })).toBeUndefined();
});

test('an objective burns as the slower window of the alert of that severity and rate says', () => {
	const burn = (severity: 'page' | 'ticket', rate: number, longBurn: number | null, shortBurn: number | null) => ({
		severity,
		rate,
		longBurn,
		shortBurn,
		longMs: 1,
		shortMs: 1,
		state: 'firing',
	});
	const alerts = [
		burn('page', 14.4, 20, 20),
		burn('page', 6, 9, 12),
		burn('ticket', 6, null, 3),
		burn('ticket', 3, 9, null),
		burn('page', 3, 9, 2),
	];
	const objective = { alerts } as Parameters<typeof burnNow>[0];
	expect(burnNow(objective, { severity: 'page', threshold: 6 })).toEqual({ state: 'firing', value: 9 });
	expect(burnNow(objective, { severity: 'ticket', threshold: 6 })).toEqual({ state: 'firing', value: null });
	expect(burnNow(objective, { severity: 'ticket', threshold: 3 })).toEqual({ state: 'firing', value: null });
	expect(burnNow(objective, { severity: 'page', threshold: 3 })).toEqual({ state: 'firing', value: 2 });
	expect(burnNow(objective, { severity: 'ticket', threshold: 1 })).toBeUndefined();
	expect(burnNow(undefined, { severity: 'page', threshold: 6 })).toBeUndefined();
});

test('the share of requests hit is of those that were there', () => {
	expect(hitRatio(null)).toBeNull();
	const none = { requests: 0, ofRequests: 0 } as Parameters<typeof hitRatio>[0];
	expect(hitRatio(none)).toBeNull();
	expect(hitRatio({ requests: 30, ofRequests: 120 } as Parameters<typeof hitRatio>[0])).toBe(0.25);
});
