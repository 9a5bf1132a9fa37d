import type { Trace } from '../../schema/trace-columns.ts';
import { Lanes } from './lanes.ts';
import type { Palette } from './palette.ts';
import { hasFlag, serviceOf } from './span-facts.ts';

export const MINIMAP_HEIGHT = 48;
/** The foot, where errors stand. */
const FOOT = 5;
const MOST_LANES = 14;

export interface MinimapLanes {
	byDepth: Lanes;
	errors: Lanes;
	count: number;
}

/** One lane for each depth; the deepest share the last one, as the upper levels give a trace its shape. */
export function minimapLanes(trace: Trace): MinimapLanes {
	let deepest = 0;
	for (const depth of trace.depth) if (depth > deepest) deepest = depth;
	const count = Math.min(deepest + 1, MOST_LANES);
	const errorLane = (row: number): number | undefined => (hasFlag(trace, row, 'error') ? 0 : undefined);
	return {
		count,
		byDepth: new Lanes({ ...trace, lanes: count, laneOf: (row) => Math.min(trace.depth[row] ?? 0, count - 1) }),
		// A failure is told where it ends: what failed around it would cover the whole width.
		errors: new Lanes({
			count: trace.count,
			start: trace.start.map((start, row) => start + (trace.duration[row] ?? 0)),
			duration: new Float64Array(trace.count),
			lanes: 1,
			laneOf: errorLane,
		}),
	};
}

/** The whole trace in small. */
export function paintMinimap(
	canvas: CanvasRenderingContext2D,
	palette: Palette,
	trace: Trace,
	lanes: MinimapLanes,
	whole: number,
	width: number,
): void {
	const room = MINIMAP_HEIGHT - FOOT - 4;
	const step = Math.min(8, room / lanes.count);
	const height = Math.max(1, step - (step > 3 ? 1 : 0));
	for (const { row, lane, from, to } of lanes.byDepth.rects({ from: 0, to: whole }, width)) {
		canvas.fillStyle = palette.service(serviceOf(trace, row));
		canvas.fillRect(from, 3 + lane * step, to - from, height);
	}
	canvas.fillStyle = palette.error;
	for (const { from, to } of lanes.errors.rects({ from: 0, to: whole }, width)) {
		canvas.fillRect(Math.min(from, width - 3), MINIMAP_HEIGHT - FOOT, Math.max(3, to - from), FOOT - 1);
	}
}
