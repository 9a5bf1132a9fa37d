/** Arranges histograms of durations over time as cells of a heatmap: columns of time, rows of duration on a log scale. */
import { HISTOGRAM_SCALE, ZERO_BUCKET } from '../../schema/histogram.ts';
import type { LatencyHistogramAnswer } from '../../schema/api-measures.ts';

const BUCKETS_PER_DOUBLING = 2 ** HISTOGRAM_SCALE;
/** Rows at most, without those for what lies outside. */
const MAX_ROWS = 44;
/** Of all requests, so many may lie above the axis, and as many below, before rows would get too coarse to see anything. */
const OUTSIDE_SHARE = 0.0005;
/** Rows of a quarter of a doubling tell enough; finer ones would be noise. */
const MIN_ROW_BUCKETS = 4;

export interface HeatRow {
	/** Both in nanoseconds: above the first, up to the second. */
	fromNano: number;
	toNano: number;
	/** Holds everything beyond the axis on its side. */
	overflow: 'above' | 'below' | undefined;
}

export interface HeatGrid {
	fromMs: number;
	toMs: number;
	stepMs: number;
	/** Start of every column. */
	timesMs: readonly number[];
	/** From the shortest durations to the longest. */
	rows: readonly HeatRow[];
	/** Requests of row r in column c at `r * timesMs.length + c`; and of them, those that failed. */
	requests: Float64Array;
	errors: Float64Array;
	/** In the fullest cell. */
	most: number;
	total: number;
	/** The row of a bucket of the histogram. */
	rowOf: (bucket: number) => number;
}

const lowerNano = (bucket: number): number => (bucket <= ZERO_BUCKET ? 0 : 2 ** (bucket / BUCKETS_PER_DOUBLING));
const upperNano = (bucket: number): number => 2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING);

export function heatGrid({ window, stepMs, points }: LatencyHistogramAnswer): HeatGrid {
	const totals = new Map<number, number>();
	let total = 0;
	for (const { buckets, requests } of points) {
		for (const [index, bucket] of buckets.entries()) {
			totals.set(bucket, (totals.get(bucket) ?? 0) + (requests[index] ?? 0));
			total += requests[index] ?? 0;
		}
	}
	const { rows, rowOf } = arrangeRows(totals, total);
	const columns = points.length;
	const requests = new Float64Array(rows.length * columns);
	const errors = new Float64Array(rows.length * columns);
	for (const [column, point] of points.entries()) {
		for (const [index, bucket] of point.buckets.entries()) {
			const cell = rowOf(bucket) * columns + column;
			requests[cell] = (requests[cell] ?? 0) + (point.requests[index] ?? 0);
			errors[cell] = (errors[cell] ?? 0) + (point.errors[index] ?? 0);
		}
	}
	const most = requests.reduce((max, value) => Math.max(max, value), 0);
	const { fromMs, toMs } = window;
	return { fromMs, toMs, stepMs, timesMs: points.map(({ tMs }) => tMs), rows, requests, errors, most, total, rowOf };
}

function arrangeRows(totals: ReadonlyMap<number, number>, total: number) {
	const buckets = [...totals.keys()].sort((a, b) => a - b);
	const [lowest, highest] = [buckets[0], buckets.at(-1)];
	if (lowest === undefined || highest === undefined) return { rows: [], rowOf: () => 0 };
	const fits = (low: number, high: number, size: number) => Math.floor(high / size) - Math.floor(low / size) < MAX_ROWS;
	let [low, high] = [lowest, highest];
	if (!fits(low, high, MIN_ROW_BUCKETS)) {
		low = edgeOf(buckets, totals, total * OUTSIDE_SHARE);
		high = edgeOf(buckets.toReversed(), totals, total * OUTSIDE_SHARE);
	}
	let size = MIN_ROW_BUCKETS;
	while (!fits(low, high, size)) size *= 2;
	const [first, last] = [Math.floor(low / size), Math.floor(high / size)];
	const rows: HeatRow[] = [];
	const hasBelow = Math.floor(lowest / size) < first;
	if (hasBelow) rows.push({ fromNano: lowerNano(lowest), toNano: lowerNano(first * size), overflow: 'below' });
	for (let row = first; row <= last; row++) {
		rows.push({ fromNano: lowerNano(row * size), toNano: upperNano(row * size + size - 1), overflow: undefined });
	}
	if (Math.floor(highest / size) > last) {
		rows.push({ fromNano: upperNano(last * size + size - 1), toNano: upperNano(highest), overflow: 'above' });
	}
	const shift = hasBelow ? 1 : 0;
	const rowOf = (bucket: number): number =>
		Math.min(rows.length - 1, Math.max(0, Math.floor(bucket / size) - first + shift));
	return { rows, rowOf };
}

/** The first bucket, in the order given, beyond which more than `allowed` lie outside. */
function edgeOf(buckets: readonly number[], totals: ReadonlyMap<number, number>, allowed: number): number {
	let outside = 0;
	for (const bucket of buckets) {
		outside += totals.get(bucket) ?? 0;
		if (outside > allowed) return bucket;
	}
	return buckets.at(-1) ?? 0;
}

/** A rectangle of whole cells; all ends are inclusive. */
export interface CellRange {
	firstColumn: number;
	lastColumn: number;
	firstRow: number;
	lastRow: number;
}

/** A rectangle of time and duration: half-open in time; `undefined` leaves a side open. */
export interface HeatBrush {
	fromMs: number;
	toMs: number;
	minNano: number | undefined;
	maxNano: number | undefined;
}

/** The rows at the edges are open to their side, so that a brush over the top row holds the slowest of all. */
export function brushOf(grid: HeatGrid, { firstColumn, lastColumn, firstRow, lastRow }: CellRange): HeatBrush {
	const lower = grid.rows[firstRow];
	const upper = grid.rows[lastRow];
	return {
		fromMs: Math.max(grid.fromMs, grid.timesMs[firstColumn] ?? grid.fromMs),
		toMs: Math.min(grid.toMs, (grid.timesMs[lastColumn] ?? grid.toMs) + grid.stepMs),
		// A row is above its lower end; whole nanoseconds.
		minNano: firstRow === 0 || lower === undefined ? undefined : Math.floor(lower.fromNano) + 1,
		maxNano: lastRow === grid.rows.length - 1 || upper === undefined ? undefined : Math.floor(upper.toNano),
	};
}

/** The cells that a brush touches; undefined where it lies outside. */
export function cellsOf(grid: HeatGrid, brush: HeatBrush): CellRange | undefined {
	const touches = (tMs: number) => tMs < brush.toMs && tMs + grid.stepMs > brush.fromMs;
	const firstColumn = grid.timesMs.findIndex(touches);
	const lastColumn = grid.timesMs.findLastIndex(touches);
	const fits = ({ fromNano, toNano }: HeatRow) =>
		Math.floor(toNano) >= (brush.minNano ?? 0) && fromNano < (brush.maxNano ?? Infinity);
	const firstRow = grid.rows.findIndex(fits);
	const lastRow = grid.rows.findLastIndex(fits);
	return firstColumn === -1 || firstRow === -1 ? undefined : { firstColumn, lastColumn, firstRow, lastRow };
}

/** Requests and errors within a rectangle. */
export function countCells(grid: HeatGrid, range: CellRange): { requests: number; errors: number } {
	const counts = { requests: 0, errors: 0 };
	for (let row = range.firstRow; row <= range.lastRow; row++) {
		for (let column = range.firstColumn; column <= range.lastColumn; column++) {
			const cell = row * grid.timesMs.length + column;
			counts.requests += grid.requests[cell] ?? 0;
			counts.errors += grid.errors[cell] ?? 0;
		}
	}
	return counts;
}

/** What is enough of an axis to read the others by. */
const LEAST_MARKS = 3;

/**
 * Round durations for the axis, one for each power of ten that lies within: `1 ms`, `10 ms`, `100 ms`; where these are few, their
 * doubles and halves, too: `20 ms`, `50 ms`.
 */
export function marksWithin(fromNano: number, toNano: number): number[] {
	const [least, most] = [Math.max(1, fromNano), Math.max(1, toNano)];
	const marks = (multiples: readonly number[]): number[] => {
		const first = Math.floor(Math.log10(least));
		const decades = Array.from({ length: Math.floor(Math.log10(most)) - first + 1 }, (_, i) => 10 ** (first + i));
		return decades
			.flatMap((decade) => multiples.map((multiple) => multiple * decade))
			.filter((nano) => nano >= least && nano <= most);
	};
	const decades = marks([1]);
	return decades.length >= LEAST_MARKS ? decades : marks([1, 2, 5]);
}

/** Which cells hold some of other spans, as 1 at their place: to show where those lie. */
export function cellsHolding(grid: HeatGrid, points: LatencyHistogramAnswer['points']): Uint8Array {
	const held = new Uint8Array(grid.requests.length);
	for (const { tMs, buckets } of points) {
		const column = grid.timesMs.indexOf(tMs);
		if (column === -1) continue;
		for (const bucket of buckets) held[grid.rowOf(bucket) * grid.timesMs.length + column] = 1;
	}
	return held;
}
