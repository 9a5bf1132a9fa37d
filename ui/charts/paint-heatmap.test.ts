import { expect, test } from 'vitest';
import { heatGrid } from './heatmap-grid.ts';
import { paintHeatmap } from './paint-heatmap.ts';

const colors = { ramp: ['empty', 'light', 'dark'], error: 'failed', line: 'line' };

/** What is painted of two minutes with a row each: in each cell so many requests, of which so many failed. */
function painted(cells: readonly [requests: number, errors: number][]): [color: string, x: number, width: number][] {
	const points = cells.map(([requests, errors], minute) => ({
		tMs: minute * 60_000,
		buckets: [640],
		requests: [requests],
		errors: [errors],
	}));
	const grid = heatGrid({ window: { fromMs: 0, toMs: cells.length * 60_000 }, stepMs: 60_000, scale: 5, points });
	const rectangles: [string, number, number][] = [];
	const context = {
		fillStyle: '',
		globalAlpha: 1,
		clearRect: () => {},
		fillRect(x: number, _: number, width: number) {
			rectangles.push([this.fillStyle, x, width]);
		},
	};
	const size = { width: cells.length * 50, height: 40 };
	paintHeatmap(context as unknown as CanvasRenderingContext2D, grid, size, colors, undefined);
	return rectangles;
}

const feet = (cells: readonly [number, number][]) => painted(cells).filter(([color]) => color === colors.error);

test('a foot is as wide as the share that failed, and seen where few did', () => {
	expect(
		feet([
			[100, 0],
			[100, 50],
			[100, 100],
			[1_000_000, 1],
		]),
	).toEqual([
		['failed', 50, 25],
		['failed', 100, 50],
		['failed', 150, 1],
	]);
});

test('where all failed there are none', () => {
	expect(
		feet([
			[100, 100],
			[3, 3],
		]),
	).toEqual([]);
	expect(painted([[100, 100]])).toHaveLength(1);
});
