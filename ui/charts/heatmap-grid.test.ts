import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf } from '../../schema/histogram.ts';
import { brushOf, cellsOf, countCells, heatGrid, marksWithin } from './heatmap-grid.ts';
import type { LatencyHistogramAnswer } from '../../schema/api-measures.ts';

const stepMs = 60_000;
interface Span {
	endMs: number;
	nano: number;
	failed: boolean;
}

function answerOf(spans: readonly Span[], columns: number): LatencyHistogramAnswer {
	const points = Array.from({ length: columns }, (_, column) => {
		const counts = new Map<number, [number, number]>();
		for (const { endMs, nano, failed } of spans) {
			if (Math.floor(endMs / stepMs) !== column) continue;
			const known = counts.get(bucketOf(nano)) ?? [0, 0];
			counts.set(bucketOf(nano), [known[0] + 1, known[1] + Number(failed)]);
		}
		const sorted = [...counts].sort(([a], [b]) => a - b);
		return {
			tMs: column * stepMs,
			buckets: sorted.map(([bucket]) => bucket),
			requests: sorted.map(([, [all]]) => all),
			errors: sorted.map(([, [, failed]]) => failed),
		};
	});
	return { window: { fromMs: 0, toMs: columns * stepMs }, stepMs, scale: 5, points };
}

/** Whole nanoseconds, up to days. */
const spanFrom = (power: number) =>
	fc.record({
		endMs: fc.integer({ min: 0, max: 8 * stepMs - 1 }),
		nano: fc.double({ min: power, max: 48, noNaN: true }).map((power) => Math.floor(2 ** power) - 1),
		failed: fc.boolean(),
	});
const anySpan = spanFrom(0);
/** Rows below this would be narrower than a nanosecond. */
const measurableSpan = spanFrom(8);

test('every request lies in one cell, and every error', () => {
	fc.assert(
		fc.property(fc.array(anySpan, { maxLength: 200 }), (spans) => {
			const grid = heatGrid(answerOf(spans, 8));
			const sum = (cells: Float64Array) => cells.reduce((total, count) => total + count, 0);
			expect([sum(grid.requests), sum(grid.errors)]).toEqual([spans.length, spans.filter((one) => one.failed).length]);
			expect(grid.rows.length).toBeLessThanOrEqual(46);
			const gaps = grid.rows.slice(1).map(({ fromNano }, row) => fromNano - (grid.rows[row]?.toNano ?? 0));
			expect(Math.max(0, ...gaps.map(Math.abs))).toBeLessThan(1e-3);
		}),
	);
});

test('a brush holds exactly the spans of its cells', () => {
	fc.assert(
		fc.property(
			fc.array(measurableSpan, { minLength: 1, maxLength: 200 }),
			fc.infiniteStream(fc.nat()),
			(spans, dice) => {
				const grid = heatGrid(answerOf(spans, 8));
				const pick = (of: number) => dice.next().value % of;
				const [a, b, c, d] = [pick(8), pick(8), pick(grid.rows.length), pick(grid.rows.length)];
				const range = {
					firstColumn: Math.min(a, b),
					lastColumn: Math.max(a, b),
					firstRow: Math.min(c, d),
					lastRow: Math.max(c, d),
				};
				const brush = brushOf(grid, range);
				const within = spans.filter(
					({ endMs, nano }) =>
						endMs >= brush.fromMs &&
						endMs < brush.toMs &&
						nano >= (brush.minNano ?? 0) &&
						nano <= (brush.maxNano ?? Infinity),
				);
				expect(countCells(grid, range).requests).toBe(within.length);
				expect(cellsOf(grid, brush)).toEqual(range);
			},
		),
	);
});

test('what a few outliers would stretch beyond sight goes to rows that say so', () => {
	const usual = Array.from({ length: 9_000 }, (_, i) => ({ endMs: i * 50, nano: 1e6 + i * 1e4, failed: false }));
	const grid = heatGrid(
		answerOf([...usual, { endMs: 5, nano: 40, failed: false }, { endMs: 9, nano: 6e13, failed: true }], 8),
	);
	expect(grid.rows.at(-1)).toMatchObject({ overflow: 'above' });
	expect(grid.rows.at(-1)?.toNano).toBeGreaterThanOrEqual(6e13);
	expect(grid.rows[0]).toMatchObject({ overflow: 'below' });
	expect(grid.rows[1]?.fromNano).toBeGreaterThan(5e5);
});

test('nothing makes no rows', () => {
	expect(heatGrid(answerOf([], 8))).toMatchObject({ rows: [], most: 0, total: 0 });
});

test('the axis has a mark for every power of ten, and finer ones where these are few', () => {
	expect(marksWithin(3e5, 2e9)).toEqual([1e6, 1e7, 1e8, 1e9]);
	expect(marksWithin(0, 9)).toEqual([1, 2, 5]);
	expect(marksWithin(2e6, 9e6)).toEqual([2e6, 5e6]);
	expect(marksWithin(60e6, 310e6)).toEqual([100e6, 200e6]);
	expect(marksWithin(7e6, 9e6)).toEqual([]);
});
