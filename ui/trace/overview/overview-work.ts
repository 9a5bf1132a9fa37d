import { SPAN_FLAGS } from '../../../schema/trace-columns.ts';
import type { Trace } from '../../../schema/trace-columns.ts';
import { slowRows } from '../slow-spans.ts';
import { Lanes } from './lanes.ts';

/** What the overview is worked out from: copies of these go to a worker. */
export type OverviewColumns = Pick<
	Trace,
	'count' | 'start' | 'duration' | 'depth' | 'flags' | 'service' | 'operation'
> & {
	/** How many different texts `operation` points at. */
	names: { length: number };
};

/** Rectangles of the minimap, in whole pixels from the left. */
export interface MinimapRects {
	lanes: number;
	/** Four numbers each: index of the service, lane, from, to. */
	spans: Int32Array;
	/** Two numbers each: from, to. */
	errors: Int32Array;
}

const MOST_LANES = 14;

/** What takes a walk over the whole trace, and that the first picture can do without. */
export class OverviewWork {
	readonly #columns: OverviewColumns;
	readonly #count: number;
	readonly #byDepth: Lanes;
	readonly #errors: Lanes;
	readonly #whole: number;

	constructor(columns: OverviewColumns) {
		const { count, start, duration, depth, flags } = columns;
		this.#columns = columns;
		let deepest = 0;
		for (const level of depth) if (level > deepest) deepest = level;
		// One lane for each depth; the deepest share the last one, as the upper levels give a trace its shape.
		const lanes = Math.min(deepest + 1, MOST_LANES);
		const ends = start.map((from, row) => from + (duration[row] ?? 0));
		this.#count = lanes;
		this.#whole = ends.reduce((last, end) => Math.max(last, end), 1);
		this.#byDepth = new Lanes({ count, start, duration, lanes, laneOf: (row) => Math.min(depth[row] ?? 0, lanes - 1) });
		// A failure is told where it ends: what failed around it would cover the whole width.
		this.#errors = new Lanes({
			count,
			start: ends,
			duration: new Float64Array(count),
			lanes: 1,
			laneOf: (row) => (((flags[row] ?? 0) & SPAN_FLAGS.error) === 0 ? undefined : 0),
		});
	}

	minimap(width: number): MinimapRects {
		const zoom = { from: 0, to: this.#whole };
		const { service } = this.#columns;
		return {
			lanes: this.#count,
			spans: Int32Array.from(
				this.#byDepth.rects(zoom, width).flatMap(({ row, lane, from, to }) => [service[row] ?? 0, lane, from, to]),
			),
			errors: Int32Array.from(this.#errors.rects(zoom, width).flatMap(({ from, to }) => [from, to])),
		};
	}

	/** How many spans are slow among their kind. */
	slow(): number {
		return slowRows(this.#columns).reduce((sum, isSlow) => sum + isSlow, 0);
	}
}
