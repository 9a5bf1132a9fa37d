import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_CHARTS, moveChart, readBoard, withoutWindow, writeBoard } from './board.ts';

const text = fc.string({ unit: 'grapheme' });
const chart = fc.record({ title: text, search: text.map((q) => new URLSearchParams({ q }).toString()) });

test('a board reads as it was written, cut at what a page can hold', () => {
	fc.assert(
		fc.property(fc.array(chart, { maxLength: 30 }), (charts) => {
			expect(readBoard(writeBoard(charts))).toEqual(charts.slice(0, MOST_CHARTS));
		}),
	);
});

test('whatever somebody saved is read without an exception', () => {
	fc.assert(
		fc.property(text, (search) => {
			expect(Array.isArray(readBoard(search))).toBe(true);
		}),
	);
	expect(readBoard('chart=q%3Da&title=x&chart=q%3Db')).toEqual([
		{ title: 'x', search: 'q=a' },
		{ title: '', search: 'q=b' },
	]);
});

test('a chart brings no window of its own', () => {
	expect(withoutWindow('q=a&t=3h&from=1&to=2&live=1&env=prod&measure=p95')).toBe('q=a&measure=p95');
});

test('moving exchanges neighbours, and does nothing at the ends', () => {
	fc.assert(
		fc.property(
			fc.array(chart, { minLength: 1, maxLength: 8 }),
			fc.nat(7),
			fc.constantFrom(-1 as const, 1 as const),
			(charts, index, step) => {
				const moved = moveChart(charts, index, step);
				const to = index + step;
				const expected = [...charts];
				const [a, b] = [charts[index], charts[to]];
				if (a !== undefined && b !== undefined) [expected[index], expected[to]] = [b, a];
				expect(moved).toEqual(expected);
			},
		),
	);
});
