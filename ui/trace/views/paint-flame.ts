import type { Trace } from '../../../schema/trace-columns.ts';
import type { LaneRect } from '../overview/lanes.ts';
import type { Palette } from '../palette.ts';
import { hasFlag, labelOf, serviceOf } from '../span-facts.ts';

export const LANE_HEIGHT = 20;
const GAP = 1;
const LEAST_LABEL = 34;

export interface FlameLook {
	isDim: (row: number) => boolean;
	active: number;
	opened: number;
	/** Height of the canvas' top within all lanes. */
	top: number;
}

/** Draws the rectangles of the lanes in sight, each with its label where that fits. */
export function paintFlame(
	canvas: CanvasRenderingContext2D,
	palette: Palette,
	trace: Trace,
	rects: readonly LaneRect[],
	look: FlameLook,
): void {
	canvas.font = `500 11px ${palette.sans}`;
	canvas.textBaseline = 'middle';
	for (const rect of rects) {
		const y = rect.lane * LANE_HEIGHT - look.top;
		const width = Math.max(1, rect.to - rect.from - (rect.to - rect.from > 3 ? GAP : 0));
		canvas.globalAlpha = look.isDim(rect.row) ? 0.25 : 1;
		canvas.fillStyle = palette.service(serviceOf(trace, rect.row));
		canvas.fillRect(rect.from, y, width, LANE_HEIGHT - GAP);
		if (hasFlag(trace, rect.row, 'error')) {
			canvas.fillStyle = palette.error;
			canvas.fillRect(rect.from + width - Math.min(3, width), y, Math.min(3, width), LANE_HEIGHT - GAP);
		}
		if (width >= LEAST_LABEL) paintLabel(canvas, palette, labelOf(trace, rect.row), rect.from, y, width);
		canvas.globalAlpha = 1;
		if (rect.row === look.active || rect.row === look.opened) {
			canvas.strokeStyle = palette.text;
			canvas.lineWidth = 2;
			canvas.strokeRect(rect.from + 1, y + 1, Math.max(1, width - 2), LANE_HEIGHT - GAP - 2);
		}
	}
}

function paintLabel(
	canvas: CanvasRenderingContext2D,
	palette: Palette,
	label: string,
	x: number,
	y: number,
	width: number,
): void {
	canvas.save();
	canvas.beginPath();
	canvas.rect(x, y, width - 4, LANE_HEIGHT);
	canvas.clip();
	canvas.fillStyle = palette.onService;
	// What can't be seen needn't be measured.
	canvas.fillText(label.slice(0, Math.ceil(width / 4)), x + 5, y + LANE_HEIGHT / 2);
	canvas.restore();
}
