import { expect, test } from 'vitest';
import { seededRandom } from '../random.ts';
import { nextArrivalMs } from './day.ts';
import { Visits } from './visits.ts';

const visitsOf = (seed: number, count: number) => {
	const visits = new Visits(seededRandom(seed), 40);
	return Array.from({ length: count }, () => visits.next());
};

test('the same seed gives the same visits, another seed others', () => {
	expect(visitsOf(7, 500)).toEqual(visitsOf(7, 500));
	expect(visitsOf(8, 500)).not.toEqual(visitsOf(7, 500));
});

test('many look and some buy, in all tiers', () => {
	const visits = visitsOf(1, 20_000);
	const share = (path: RegExp) => visits.filter((visit) => path.test(visit.path)).length / visits.length;
	expect(share(/^\/products/)).toBeGreaterThan(0.3);
	expect(share(/^\/checkout/)).toBeGreaterThan(0.02);
	expect(share(/^\/checkout/)).toBeLessThan(0.1);
	expect(new Set(visits.map((visit) => visit.visitor.tier))).toEqual(new Set(['regular', 'silver', 'gold']));
});

test('a session belongs to one visitor', () => {
	const userOf = new Map<string, string>();
	for (const { visitor } of visitsOf(1, 5_000)) {
		expect(userOf.get(visitor.sessionId) ?? visitor.userId).toBe(visitor.userId);
		userOf.set(visitor.sessionId, visitor.userId);
	}
});

test('over a day the rate is what was asked for, and noon is busier than the night', () => {
	const random = seededRandom(1);
	const dayMs = 600_000;
	const arrivals: number[] = [];
	for (let atMs = 0; atMs < dayMs; atMs += nextArrivalMs(20, atMs / dayMs, random)) arrivals.push(atMs / dayMs);
	expect(arrivals.length / (dayMs / 1_000)).toBeCloseTo(20, -1);
	const during = (from: number, to: number) => arrivals.filter((part) => part >= from && part < to).length;
	expect(during(0.4, 0.6)).toBeGreaterThan(3 * during(0, 0.2));
});
