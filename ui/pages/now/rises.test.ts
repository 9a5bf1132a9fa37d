import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { leadingRises, servicesToOpen } from './rises.ts';
import type { Measured } from './rises.ts';

const side = (requests: number, errors: number, p95Nano: number | null) => ({
	requests,
	errors,
	p50Nano: p95Nano,
	p95Nano,
	p99Nano: p95Nano,
});
const measured = (facts: Partial<Measured> = {}): Measured => ({
	service: 'shop/cart',
	environment: '',
	operation: undefined,
	spans: 1000,
	now: side(1000, 0, 100e6),
	before: side(1000, 0, 100e6),
	...facts,
});
const namesOf = (rises: ReturnType<typeof leadingRises>) =>
	rises.map(({ of }) => `${of.service} ${of.operation ?? ''}`);

/** Wilson's bounds by their definition: the shares that a score test at 95 % does not refuse. Found by halving. */
function scoreBound(share: number, of: number, side: 'low' | 'high'): number {
	const refuses = (p: number) => Math.abs(share - p) > 1.959963985 * Math.sqrt((p * (1 - p)) / of);
	let [inside, outside] = [share, side === 'low' ? 0 : 1];
	if (!refuses(outside)) return outside;
	for (let i = 0; i < 200; i++) {
		const middle = (inside + outside) / 2;
		if (refuses(middle)) outside = middle;
		else inside = middle;
	}
	return inside;
}

function errorsRoseByTheBook({ now, before, spans }: Measured): boolean {
	if (now.requests === 0 || before.requests === 0 || spans === 0) return false;
	const [p1, p2] = [now.errors / now.requests, before.errors / before.requests];
	const spansBefore = (before.requests * spans) / now.requests;
	const lowest = scoreBound(p1, spans, 'low');
	const highest = scoreBound(p2, spansBefore, 'high');
	return p1 > p2 && p1 - p2 > Math.sqrt((p1 - lowest) ** 2 + (highest - p2) ** 2) + 1e-9;
}

const sideOf = fc
	.tuple(fc.nat(3000), fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.integer({ min: 1, max: 2e9 })))
	.map(([requests, share, p95]) => side(requests, Math.floor(requests * share ** 3), requests === 0 ? null : p95));
const anyMeasured: fc.Arbitrary<Measured> = fc.record({
	service: fc.constantFrom('a', 'b', 'c'),
	environment: fc.constantFrom('', 'prod'),
	operation: fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
	spans: fc.nat(3000),
	now: sideOf,
	before: sideOf,
});

test('against a ranking by brute force: every rise is there, none that chance explains, the heaviest first', () => {
	fc.assert(
		fc.property(
			fc.uniqueArray(anyMeasured, { selector: (m) => `${m.environment} ${m.service} ${m.operation}` }),
			(all) => {
				const rose = all.filter(errorsRoseByTheBook);
				const expected = rose.filter(
					(one) =>
						one.operation !== undefined ||
						!rose.some(
							(other) =>
								other.operation !== undefined && other.service === one.service && other.environment === one.environment,
						),
				);
				const found = leadingRises(all, 'errors', 100);
				const wrong = found.filter(({ of }) => !expected.includes(of) && errorsRoseByTheBook(of));
				expect(wrong).toEqual([]);
				expect(new Set(found.map(({ of }) => of))).toEqual(new Set(expected));
				for (const [i, { of, weight }] of found.entries()) {
					// Those that would have failed anyway are what failed before, at today's traffic.
					expect(weight).toBeCloseTo(of.now.errors - (of.before.errors * of.now.requests) / of.before.requests, 6);
					expect(weight).toBeLessThanOrEqual(found[i - 1]?.weight ?? Infinity);
				}
			},
		),
	);
});

test('latency rose where p95 grew by a fifth and twenty spans on both sides tell it', () => {
	fc.assert(
		fc.property(fc.array(anyMeasured.map((one) => ({ ...one, operation: 'x' }))), (all) => {
			const expected = all.filter(({ now, before, spans }) => {
				if (now.p95Nano === null || before.p95Nano === null) return false;
				const spansBefore = (before.requests / Math.max(1, now.requests)) * spans;
				return now.p95Nano / before.p95Nano >= 1.2 && spans >= 20 && spansBefore >= 20;
			});
			expect(leadingRises(all, 'p95', 1000).map(({ of }) => of)).toEqual(expect.arrayContaining(expected));
			expect(leadingRises(all, 'p95', 1000)).toHaveLength(expected.length);
		}),
	);
});

test('an operation tells more exactly than its service, in the same environment only', () => {
	const worse = { now: side(1000, 100, 100e6), before: side(1000, 1, 100e6) };
	const all = [
		measured(worse),
		measured({ ...worse, operation: 'GET /cart' }),
		measured({ ...worse, environment: 'staging' }),
	];
	expect(namesOf(leadingRises(all, 'errors', 9))).toEqual(['shop/cart GET /cart', 'shop/cart ']);
	expect(leadingRises(all, 'errors', 1)).toHaveLength(1);
});

test('what is new, or one failure among few, is no rise', () => {
	const fresh = measured({ before: side(0, 0, null), now: side(10, 10, 1e9) });
	const once = measured({ spans: 5, now: side(5, 1, 1e9), before: side(5, 0, 1e6) });
	expect(leadingRises([fresh, once], 'errors', 9)).toEqual([]);
	expect(leadingRises([fresh, once], 'p95', 9)).toEqual([]);
});

test('a thousand sampled requests are as certain as the spans behind them', () => {
	const facts = { now: side(1000, 100, null), before: side(1000, 20, null) };
	expect(leadingRises([measured(facts)], 'errors', 9)).toHaveLength(1);
	expect(leadingRises([measured({ ...facts, spans: 10 })], 'errors', 9)).toHaveLength(0);
});

test('services that got worse are opened first, then those with the most impact, idle ones never', () => {
	const services = [
		{ ...measured({ service: 'large' }), impact: 9 },
		{ ...measured({ service: 'small' }), impact: 1 },
		{ ...measured({ service: 'worse', now: side(1000, 0, 300e6) }), impact: 0 },
		{ ...measured({ service: 'idle', now: side(0, 0, null) }), impact: 99 },
	];
	expect(servicesToOpen(services, 2).map(({ service }) => service)).toEqual(['worse', 'large']);
	expect(servicesToOpen(services, 9)).toHaveLength(3);
});
