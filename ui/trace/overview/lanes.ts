import type { TimeSpan } from '../trace-query.ts';

/** Spans of one depth (or of a few neighbouring ones) by start, with a tree over their ends to jump across what is hidden. */
interface Lane {
	rows: Uint32Array;
	start: Float64Array;
	/** Binary heap layout: the latest end below each node; leaf i is at `size + i`. */
	latestEnd: Float64Array;
	size: number;
}

export interface LaneRect {
	row: number;
	lane: number;
	/** Pixels, `to` exclusive. */
	from: number;
	to: number;
}

export interface SpansInLanes {
	count: number;
	start: Float64Array;
	duration: Float64Array;
	/** Which lane a row is in, or none. */
	laneOf: (row: number) => number | undefined;
	lanes: number;
}

/** Spans in lanes, drawn with as many rectangles as there are pixels to fill, however many spans there are. */
export class Lanes {
	readonly #lanes: readonly Lane[];

	constructor(spans: SpansInLanes) {
		const rows: number[][] = Array.from({ length: spans.lanes }, () => []);
		let latest = 1;
		for (let row = 0; row < spans.count; row++) {
			rows[spans.laneOf(row) ?? -1]?.push(row);
			latest = Math.max(latest, spans.start[row] ?? 0);
		}
		this.#lanes = rows.map((list) => buildLane(byStart(list, spans.start, latest), spans));
	}

	/** Every pixel that a span touches, each once, coloured by the first span that reaches it; of some lanes, or all. */
	rects(zoom: TimeSpan, width: number, first = 0, last = this.#lanes.length - 1): LaneRect[] {
		const rects: LaneRect[] = [];
		const perNano = width / Math.max(1e-9, zoom.to - zoom.from);
		for (let index = first; index <= last; index++) {
			const lane = this.#lanes[index];
			if (lane !== undefined) walkLane(lane, index, zoom, width, perNano, rects);
		}
		return rects;
	}
}

/** Positions that a key has room for beside the start: more than any trace has spans. */
const POSITIONS = 2 ** 21;

/**
 * The rows by start, to the 2^32nd part of the trace. Start and position make one number, since numbers are sorted ten
 * times faster than by a function that compares.
 */
function byStart(rows: readonly number[], start: Float64Array, latest: number): Uint32Array {
	const keys = Float64Array.from(
		rows,
		(row, position) => Math.floor(((start[row] ?? 0) / latest) * (2 ** 32 - 1)) * POSITIONS + position,
	).sort();
	return Uint32Array.from(keys, (key) => rows[key % POSITIONS] ?? 0);
}

function buildLane(rows: Uint32Array, { start, duration }: SpansInLanes): Lane {
	const startOf = (row: number): number => start[row] ?? 0;
	let size = 1;
	while (size < rows.length) size *= 2;
	const latestEnd = new Float64Array(size * 2).fill(-Infinity);
	rows.forEach((row, leaf) => (latestEnd[size + leaf] = startOf(row) + (duration[row] ?? 0)));
	for (let node = size - 1; node >= 1; node--) {
		latestEnd[node] = Math.max(latestEnd[node * 2] ?? -Infinity, latestEnd[node * 2 + 1] ?? -Infinity);
	}
	return { rows, start: Float64Array.from(rows, startOf), latestEnd, size };
}

// Each step paints at least one new pixel, or passes a span that ends exactly where painting stopped.
function walkLane(lane: Lane, index: number, zoom: TimeSpan, width: number, perNano: number, rects: LaneRect[]): void {
	let painted = 0;
	let leaf = nextReaching(lane, 0, zoom.from);
	while (leaf < lane.rows.length && painted < width) {
		const start = lane.start[leaf] ?? 0;
		if (start > zoom.to) return;
		const left = Math.floor((start - zoom.from) * perNano);
		const right = Math.ceil(((lane.latestEnd[lane.size + leaf] ?? 0) - zoom.from) * perNano);
		const from = Math.max(left, painted);
		const to = Math.min(Math.max(right, left + 1), width);
		if (to > from) {
			rects.push({ row: lane.rows[leaf] ?? 0, lane: index, from, to });
			painted = to;
		}
		leaf = nextReaching(lane, leaf + 1, zoom.from + painted / perNano);
	}
}

/** The first leaf from `leaf` on whose span ends at `nano` or later. */
function nextReaching({ latestEnd, size }: Lane, leaf: number, nano: number): number {
	if (leaf >= size) return size;
	let node = leaf + size;
	while ((latestEnd[node] ?? -Infinity) < nano) {
		// To the next subtree on the right: up while this is a right child.
		while (node % 2 === 1) {
			node >>= 1;
			if (node <= 1) return size;
		}
		node++;
	}
	while (node < size) node = (latestEnd[node * 2] ?? -Infinity) >= nano ? node * 2 : node * 2 + 1;
	return node - size;
}
