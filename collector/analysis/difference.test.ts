import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankDifferences, VALUES_OF_KEY } from './difference.ts';
import type { KeyCounts } from './difference.ts';
import { numberBins, numberShift } from './number-shift.ts';
import { leastDifference } from './share-interval.ts';

const text = (key: string, values: KeyCounts['values'], more: Partial<KeyCounts> = {}): KeyCounts => ({
	key,
	scope: 'span',
	spans: values.reduce((sum, { selected, rest }) => sum + selected + rest, 0),
	distinct: values.length,
	values,
	...more,
});
const rank = (keys: KeyCounts[], sides = { selected: 100, rest: 900 }, asked: string[] = []) =>
	rankDifferences({ ...sides, keys, asked: new Set(asked) });

describe('values', () => {
	test('the largest difference of shares comes first, whichever side it is on', () => {
		const { attributes } = rank([
			text('region', [{ value: 'eu', selected: 60, rest: 450 }]),
			text('version', [{ value: 'v92', selected: 98, rest: 108 }]),
			text('cached', [{ value: 'true', selected: 10, rest: 720 }]),
		]);
		expect(attributes.map(({ key, score }) => [key, Number(score.toFixed(2))])).toEqual([
			['version', 0.86],
			['cached', -0.7],
			['region', 0.1],
		]);
		expect(attributes[0]).toMatchObject({ selectedRatio: 0.98, restRatio: 0.12, selected: 98, rest: 108 });
	});

	test('of equal differences the more certain one comes first', () => {
		// Both differ by 0.2; near 0 the interval is narrower than near a half.
		const { attributes } = rank([
			text('half', [{ value: 'x', selected: 60, rest: 360 }]),
			text('rare', [{ value: 'x', selected: 20, rest: 0 }]),
		]);
		expect(attributes.map(({ key }) => key)).toEqual(['rare', 'half']);
	});

	test('ids, and what the selection asks for, are left out and named', () => {
		const { attributes, leftOut } = rank(
			[
				text('request.id', [{ value: 'a', selected: 5, rest: 0 }], { spans: 1000, distinct: 950 }),
				text('error', [{ value: 'true', selected: 100, rest: 0 }]),
			],
			undefined,
			['error'],
		);
		expect(attributes).toEqual([]);
		expect(leftOut).toEqual([
			{ key: 'error', reason: 'selection' },
			{ key: 'request.id', reason: 'identifier' },
		]);
	});

	test('ports of connections are ids, as numbers too; ports of servers are not', () => {
		const ports = (key: string, ...values: string[]) =>
			text(
				key,
				values.map((value) => ({ value, selected: 50, rest: 0 })),
			);
		const measured = (...values: number[]): Partial<KeyCounts> => ({
			distinct: 500,
			values: [],
			numbers: { values, selected: values.map(() => 50), rest: values.map(() => 450), unit: 'number' },
		});
		const { attributes, numbers, leftOut } = rank([
			ports('network.peer.port', '54428', '32768'),
			ports('client.port', '60999'),
			text('net.peer.port', [], measured(40_001, 54_428)),
			text('span.client.port', [], measured(443, 54_428)),
			ports('server.port', '54428'),
			ports('peer.port', '54428'),
			ports('net.sock.peer.port', '5432', '54428'),
		]);
		expect(leftOut.map(({ key }) => key)).toEqual(['client.port', 'net.peer.port', 'network.peer.port']);
		expect(new Set(attributes.map(({ key }) => key))).toEqual(
			new Set(['server.port', 'peer.port', 'net.sock.peer.port']),
		);
		expect(numbers.map(({ key }) => key)).toEqual(['span.client.port']);
	});

	test('a value that fewer than five spans have is no cause', () => {
		expect(rank([text('odd', [{ value: 'x', selected: 4, rest: 0 }])]).attributes).toEqual([]);
		expect(
			rank([text('odd', [{ value: 'x', selected: 3, rest: 0 }])], { selected: 3, rest: 9 }).attributes,
		).toHaveLength(1);
	});

	test('a key brings only the values that differ most', () => {
		const values = Array.from({ length: 20 }, (_, i) => ({ value: `v${i}`, selected: 5 + i, rest: 0 }));
		const { attributes } = rank([text('k', values)], { selected: 290, rest: 10 });
		expect(attributes).toHaveLength(VALUES_OF_KEY);
		expect(attributes[0]).toMatchObject({ value: 'v19' });
	});

	test('nothing is compared with nothing', () => {
		const some = [text('k', [{ value: 'x', selected: 10, rest: 0 }])];
		expect(rank(some, { selected: 10, rest: 0 })).toEqual({ attributes: [], numbers: [], leftOut: [] });
		expect(rank(some, { selected: 0, rest: 10 })).toEqual({ attributes: [], numbers: [], leftOut: [] });
	});
});

/** The lower ends that Newcombe 1998 gives for his method 10 in table II; 0 where the interval holds 0. */
test.each([
	[56, 70, 48, 80, 0.0524],
	[9, 10, 3, 10, 0.1705],
	[5, 56, 0, 29, 0],
])('%i of %i against %i of %i differ by at least %f', (a, n, b, m, expected) => {
	expect(leastDifference(a, n, b, m)).toBeCloseTo(expected, 4);
	expect(leastDifference(b, m, a, n)).toBeCloseTo(expected, 4);
});

describe('numbers', () => {
	/** Every distinct point of both, one after the other. */
	function widestGap(selected: number[], rest: number[]): number {
		const below = (of: number[], at: number) => of.filter((value) => value <= at).length / of.length;
		return Math.max(0, ...[...selected, ...rest].map((at) => Math.abs(below(selected, at) - below(rest, at))));
	}
	const countsOf = (selected: number[], rest: number[]) => {
		const values = [...new Set([...selected, ...rest])].filter(Number.isFinite).sort((a, b) => a - b);
		const count = (of: number[]) => values.map((value) => of.filter((other) => other === value).length);
		return { values, selected: count(selected), rest: count(rest) };
	};
	const numbers = fc.array(fc.oneof(fc.integer({ min: -50, max: 50 }), fc.constant(-Infinity)), {
		minLength: 1,
		maxLength: 40,
	});

	test('the distance is that of Kolmogorov and Smirnov, a missing number being below all others', () => {
		fc.assert(
			fc.property(numbers, numbers, (selected, rest) => {
				const { score } = numberShift(countsOf(selected, rest), selected.length, rest.length);
				expect(Math.abs(score)).toBeCloseTo(widestGap(selected, rest), 10);
			}),
		);
	});

	test('the sign tells which way the selected numbers lie, the medians by how much', () => {
		const fast = [10, 11, 12, 13, 14];
		const slow = [20, 21, 22, 23, 24];
		expect(numberShift(countsOf(slow, fast), 5, 5)).toMatchObject({ score: 1, selectedMedian: 22, restMedian: 12 });
		expect(numberShift(countsOf(fast, slow), 5, 5).score).toBe(-1);
		expect(numberShift(countsOf(fast, slow), 5, 5).leastScore).toBeCloseTo(1 - 1.358 * Math.sqrt(10 / 25), 10);
	});

	test('bins hold every number once, whatever the range', () => {
		fc.assert(
			fc.property(fc.array(fc.double({ min: -1e6, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 60 }), (all) => {
				const counts = countsOf(all, all.slice(0, 3));
				const bins = numberBins(counts, 12);
				const sum = (side: 'selected' | 'rest') => bins.reduce((total, bin) => total + bin[side], 0);
				expect([sum('selected'), sum('rest')]).toEqual([all.length, Math.min(3, all.length)]);
				expect(bins[0]?.from).toBe(counts.values[0]);
				expect(bins.at(-1)?.to).toBe(counts.values.at(-1));
			}),
		);
	});

	test('status codes are values, sizes are numbers', () => {
		const many = Array.from({ length: 30 }, (_, i) => i);
		const { attributes, numbers } = rank([
			text('code', [{ value: '500', selected: 90, rest: 0 }], {
				distinct: 2,
				numbers: { unit: 'number', ...countsOf([500, 500], [200]) },
			}),
			text('size', [], { distinct: 30, numbers: { unit: 'number', ...countsOf(many, [0, 1]) } }),
		]);
		expect(attributes.map(({ key }) => key)).toEqual(['code']);
		expect(numbers.map(({ key }) => key)).toEqual(['size']);
	});
});
