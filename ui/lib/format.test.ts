import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	changeBetween,
	columnOfRates,
	cutMiddle,
	formatBytes,
	formatCompact,
	formatCount,
	formatCounted,
	formatDuration,
	formatRate,
	formatRatio,
	threeDigits,
} from './format.ts';

const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
	[null, '–'],
	[0, '0'],
	[7, '7 ns'],
	[312_400, '312 µs'],
	[999_600, '1 ms'],
	[88e6, '88 ms'],
	[1.236e9, '1.24 s'],
	[59.96e9, '1 m'],
	[192e9, '3 m 12 s'],
	[3_599.6e9, '1 h'],
	[7_500e9, '2 h 5 m'],
	[86_400e9 * 3 + 3600e9 * 4, '3 d 4 h'],
	[-1.5e9, '−1.5 s'],
	[Number.NaN, '–'],
])('%s ns reads %s', (nano, text) => {
	expect(plain(formatDuration(nano))).toBe(text);
});

test('a duration is never more than 0.5 % from what it says, below a minute', () => {
	const units = new Map([
		['ns', 1],
		['µs', 1e3],
		['ms', 1e6],
		['s', 1e9],
	]);
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 59_900_000_000 }), (nano) => {
			const [value, unit] = plain(formatDuration(nano)).split(' ');
			const said = Number(value) * (units.get(unit ?? '') ?? Number.NaN);
			expect(Math.abs(said - nano)).toBeLessThanOrEqual(nano * 0.005 + 1e-6);
		}),
	);
});

test('a column of rates has one unit, in which the largest is one or more', () => {
	const said = (...rates: number[]) => rates.map(columnOfRates(rates));
	expect(said(0.0961, 8 / 3_600, 0)).toEqual(['5.77/min', '0.133/min', '0/min']);
	expect(said(8 / 3_600)).toEqual(['8/h']);
	expect(said(0.5 / 3_600)).toEqual(['0.5/h']);
	expect(said(120, 0.02, 4_500)).toEqual(['120/s', '0.02/s', '4.5k/s']);
	expect(said(0.999_9)).toEqual(['1/s']);
	expect(said(0)).toEqual(['0/s']);
});

test('quantities have three significant digits and their unit', () => {
	expect(threeDigits(0.042)).toBe('0.042');
	expect(formatRate(3123)).toBe('3.12k/s');
	expect(formatRate(0.02)).toBe('0.02/s');
	expect(formatRate(1 / 3600)).toBe('1/h');
	expect(formatRate(0)).toBe('0/s');
	expect(formatCompact(999_999)).toBe('1M');
	expect(formatCount(1204)).toBe('1,204');
	expect([0, 1, 1204].map((count) => formatCounted(count, 'span'))).toEqual(['0 spans', '1 span', '1,204 spans']);
	expect(plain(formatRatio(0.0042))).toBe('0.42 %');
	expect(plain(formatRatio(0.000_001))).toBe('<0.001 %');
	expect(plain(formatRatio(null))).toBe('–');
});

test('no number makes a text with an exponent or without an end', () => {
	fc.assert(
		fc.property(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), (value) => {
			expect(threeDigits(value)).not.toMatch(/e|Infinity/);
			expect(formatCompact(value).length).toBeLessThan(16);
		}),
	);
});

test('a change says sign and size; small ones are none, and from nothing is new', () => {
	expect(changeBetween(112, 100)).toEqual({ direction: 'up', text: '+12\u00a0%' });
	expect(changeBetween(96.6, 100)).toEqual({ direction: 'down', text: '−3.4\u00a0%' });
	expect(changeBetween(101, 100)?.direction).toBe('same');
	expect(changeBetween(420, 100)).toEqual({ direction: 'up', text: '×4.2' });
	expect(changeBetween(1, 0)).toEqual({ direction: 'new', text: 'new' });
	expect(changeBetween(0, 0)?.direction).toBe('same');
	expect(changeBetween(null, 1)).toBeNull();
});

test('a long name loses its middle and keeps its length', () => {
	expect(cutMiddle('short', 10)).toBe('short');
	expect(cutMiddle('oteldemo.CartService/GetCart', 20)).toMatch(/^oteldemo.+…+.*GetCart$/);
	expect(cutMiddle('x'.repeat(100), 20)).toHaveLength(20);
});

test.each([
	[0, '0 B'],
	[312, '312 B'],
	[1024, '1 KiB'],
	[1_300_000, '1.24 MiB'],
	[1023.9 * 1024 ** 2, '1 GiB'],
	[88 * 1024 ** 3, '88 GiB'],
	[3 * 1024 ** 6, '3072 PiB'],
	[null, '–'],
])('%o bytes are %s', (bytes, text) => {
	expect(formatBytes(bytes).replaceAll('\u00a0', ' ')).toBe(text);
});
