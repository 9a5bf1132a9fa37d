import type { CellRange, HeatGrid } from './heatmap-grid.ts';

/** Where the plot lies on its canvas, in CSS pixels. */
export interface HeatPlace {
	width: number;
	height: number;
}

/** What of the theme a heatmap is painted with. */
export interface HeatColors {
	/** From empty to full, opaque. */
	ramp: readonly string[];
	error: string;
	line: string;
}

const RAMP_STEPS = 9;

/** Reads the colours in effect: canvases know no custom properties. */
export function heatColors(element: Element): HeatColors {
	const probe = document.createElement('span');
	element.append(probe);
	const read = (name: string): string => {
		probe.style.color = `var(${name})`;
		return getComputedStyle(probe).color;
	};
	const colors = {
		ramp: Array.from({ length: RAMP_STEPS }, (_, step) => read(`--heat-${step}`)),
		error: read('--error'),
		line: read('--line-strong'),
	};
	probe.remove();
	return colors;
}

/** Square root: a few slow requests stay visible beside thousands of fast ones. Never the colour of empty. */
export const shadeOf = (count: number, most: number, steps: number): number =>
	count <= 0 ? 0 : Math.max(1, Math.min(steps - 1, Math.round(Math.sqrt(count / most) * (steps - 1))));

/** Top and height of a row; the longest durations are on top. Overflow rows stand apart by a gap. */
export function rowPlace(grid: HeatGrid, row: number, height: number): { y: number; height: number } {
	const gaps = grid.rows.filter(({ overflow }) => overflow !== undefined).length * OVERFLOW_GAP;
	const rowHeight = (height - gaps) / Math.max(1, grid.rows.length);
	const hasAbove = grid.rows.at(-1)?.overflow === 'above';
	const fromTop = grid.rows.length - 1 - row;
	const isBelow = grid.rows[row]?.overflow === 'below';
	const gap = (hasAbove && fromTop > 0 ? OVERFLOW_GAP : 0) + (isBelow ? OVERFLOW_GAP : 0);
	return { y: fromTop * rowHeight + gap, height: rowHeight };
}
const OVERFLOW_GAP = 4;

/** The row at a height within the plot: the one whose top is next above it. */
export function rowAt(grid: HeatGrid, y: number, height: number): number {
	for (let row = 0; row < grid.rows.length; row++) if (rowPlace(grid, row, height).y <= y) return row;
	return grid.rows.length - 1;
}

export const columnX = (grid: HeatGrid, tMs: number, width: number): number =>
	((tMs - grid.fromMs) / Math.max(1, grid.toMs - grid.fromMs)) * width;

export function columnAt(grid: HeatGrid, x: number, width: number): number {
	const tMs = grid.fromMs + (x / width) * (grid.toMs - grid.fromMs);
	const column = Math.floor((tMs - (grid.timesMs[0] ?? 0)) / grid.stepMs);
	return Math.min(grid.timesMs.length - 1, Math.max(0, column));
}

/**
 * Paints every cell that holds something; one rectangle each, on whole pixels so that neighbours meet.
 * @param held cells that stay as they are while all others step back
 */
export function paintHeatmap(
	context: CanvasRenderingContext2D,
	grid: HeatGrid,
	{ width, height }: HeatPlace,
	colors: HeatColors,
	held: Uint8Array | undefined,
): void {
	context.clearRect(0, 0, width, height);
	const columns = grid.timesMs.length;
	// Where all that is shown failed, feet would tell nothing apart.
	const hasFeet = grid.requests.some((count, cell) => count > (grid.errors[cell] ?? 0));
	for (let row = 0; row < grid.rows.length; row++) {
		const place = rowPlace(grid, row, height);
		const top = Math.round(place.y);
		const bottom = Math.max(top + 1, Math.round(place.y + place.height));
		for (let column = 0; column < columns; column++) {
			const count = grid.requests[row * columns + column] ?? 0;
			if (count === 0) continue;
			const { left, right } = columnEdges(grid, column, width);
			context.globalAlpha = held === undefined || held[row * columns + column] === 1 ? 1 : 0.22;
			context.fillStyle = colors.ramp[shadeOf(count, grid.most, colors.ramp.length)] ?? '';
			context.fillRect(left, top, right - left, bottom - top);
			const failed = grid.errors[row * columns + column] ?? 0;
			if (failed === 0 || !hasFeet) continue;
			// A foot in the colour of failure, as wide as the share that failed: seen at any shade, and all of it where all fail.
			const foot = Math.max(1, Math.min(3, Math.round((bottom - top) / 3)));
			context.fillStyle = colors.error;
			context.fillRect(left, bottom - foot, Math.max(1, Math.round(((right - left) * failed) / count)), foot);
		}
	}
	context.globalAlpha = 1;
}

function columnEdges(grid: HeatGrid, column: number, width: number): { left: number; right: number } {
	const tMs = grid.timesMs[column] ?? grid.fromMs;
	const left = Math.max(0, Math.round(columnX(grid, tMs, width)));
	const right = Math.min(width, Math.round(columnX(grid, tMs + grid.stepMs, width)));
	return { left, right: Math.max(left + 1, right) };
}

/** The rectangle of some cells, in CSS pixels. */
export function cellRangePlace(grid: HeatGrid, range: CellRange, { width, height }: HeatPlace) {
	const { left } = columnEdges(grid, range.firstColumn, width);
	const { right } = columnEdges(grid, range.lastColumn, width);
	const top = rowPlace(grid, range.lastRow, height);
	const bottom = rowPlace(grid, range.firstRow, height);
	return { x: left, y: top.y, width: right - left, height: bottom.y + bottom.height - top.y };
}

/** One span as a point, while there are few. */
export interface HeatDot {
	endMs: number;
	durationNano: number;
	error: boolean;
}

/** A share of the plot's height for a duration, on the logarithmic scale of the rows, from the top. */
export function durationY(grid: HeatGrid, nano: number, height: number): number {
	const row = grid.rows.findIndex(({ toNano }) => nano <= Math.ceil(toNano));
	const found = grid.rows[row];
	if (found === undefined) return 0;
	const place = rowPlace(grid, row, height);
	if (found.overflow !== undefined) return place.y + place.height / 2;
	const [low, high] = [Math.log(Math.max(1, found.fromNano)), Math.log(Math.max(2, found.toNano))];
	const share = Math.min(1, Math.max(0, (Math.log(Math.max(1, nano)) - low) / Math.max(1e-9, high - low)));
	return place.y + place.height * (1 - share);
}

/** Round for what went well, a cross for what failed: not by colour alone. */
export function paintDots(
	context: CanvasRenderingContext2D,
	grid: HeatGrid,
	dots: readonly HeatDot[],
	{ width, height }: HeatPlace,
	colors: HeatColors,
): void {
	context.clearRect(0, 0, width, height);
	const shade = colors.ramp[Math.floor(colors.ramp.length * 0.55)] ?? '';
	for (const dot of [...dots].sort((a, b) => Number(a.error) - Number(b.error))) {
		const x = columnX(grid, dot.endMs, width);
		const y = durationY(grid, dot.durationNano, height);
		if (dot.error) {
			context.strokeStyle = colors.error;
			context.lineWidth = 1.5;
			context.beginPath();
			context.moveTo(x - 3, y - 3);
			context.lineTo(x + 3, y + 3);
			context.moveTo(x + 3, y - 3);
			context.lineTo(x - 3, y + 3);
			context.stroke();
		} else {
			context.fillStyle = shade;
			context.beginPath();
			context.arc(x, y, 2.5, 0, Math.PI * 2);
			context.fill();
		}
	}
}
