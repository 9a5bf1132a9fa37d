import type { Trace } from '../../schema/trace-columns.ts';
import { BAR_HEIGHT, ERROR_END, ROW_HEIGHT } from './bar-layout.ts';
import type { Bar } from './bar-layout.ts';
import type { Palette } from './palette.ts';
import { serviceOf } from './span-facts.ts';

const BAR_TOP = (ROW_HEIGHT - BAR_HEIGHT) / 2;
const RADIUS = 2;
const CAP = 3;
const HATCHED = ERROR_END - CAP;

type Canvas = CanvasRenderingContext2D;

/** Draws bars whose `y` is relative to the canvas. `isDim` marks rows that a filter doesn't match. */
export function paintBars(
	canvas: Canvas,
	palette: Palette,
	trace: Trace,
	bars: readonly Bar[],
	isDim: (entry: number) => boolean,
	rowOf: (entry: number) => number,
): void {
	canvas.font = `500 11px ${palette.sans}`;
	canvas.textBaseline = 'middle';
	for (const bar of bars) {
		canvas.globalAlpha = isDim(bar.row) ? 0.32 : 1;
		paintBar(canvas, palette, bar, palette.service(serviceOf(trace, rowOf(bar.row))));
	}
	canvas.globalAlpha = 1;
}

function paintBar(canvas: Canvas, palette: Palette, bar: Bar, color: string): void {
	const top = bar.y + BAR_TOP;
	canvas.fillStyle = color;
	if (bar.pieces === undefined) {
		canvas.beginPath();
		canvas.roundRect(bar.from, top, bar.to - bar.from, BAR_HEIGHT, radii(bar));
		canvas.fill();
	} else paintPieces(canvas, bar, top);
	// Where a child ran the bar steps back: self time stands out.
	canvas.fillStyle = palette.background;
	const alpha = canvas.globalAlpha;
	canvas.globalAlpha = alpha * 0.58;
	for (const { from, to } of bar.covered) canvas.fillRect(from, top, to - from, BAR_HEIGHT);
	canvas.globalAlpha = alpha;
	canvas.fillStyle = palette.text;
	for (const { from, to } of bar.critical) canvas.fillRect(from, top + BAR_HEIGHT - 3, Math.max(1, to - from), 2);
	if (bar.error) paintErrorEnd(canvas, palette, bar, top);
	paintLabel(canvas, palette, bar);
}

/** Members as ticks over a line that holds them together. */
function paintPieces(canvas: Canvas, { pieces = [], from, to }: Bar, top: number): void {
	const alpha = canvas.globalAlpha;
	canvas.globalAlpha = alpha * 0.3;
	canvas.fillRect(from, top + BAR_HEIGHT / 2 - 1, to - from, 2);
	canvas.globalAlpha = alpha;
	for (const piece of pieces) {
		const width = piece.to - piece.from;
		canvas.fillRect(piece.from, top, width > 3 ? width - 1 : width, BAR_HEIGHT);
	}
}

function radii(bar: Bar): number[] {
	const left = bar.cutLeft ? 0 : RADIUS;
	const right = bar.cutRight ? 0 : RADIUS;
	return [left, right, right, left];
}

function paintErrorEnd(canvas: Canvas, palette: Palette, bar: Bar, top: number): void {
	canvas.fillStyle = palette.error;
	canvas.fillRect(bar.to - CAP, top, CAP, BAR_HEIGHT);
	const from = Math.max(bar.from, bar.to - CAP - HATCHED);
	canvas.strokeStyle = palette.error;
	canvas.lineWidth = 1.5;
	canvas.beginPath();
	for (let x = bar.to - CAP; x > from - BAR_HEIGHT; x -= 4) {
		canvas.moveTo(Math.max(x, from - BAR_HEIGHT), top + BAR_HEIGHT);
		canvas.lineTo(x + BAR_HEIGHT, top);
	}
	canvas.save();
	const hatch = new Path2D();
	hatch.rect(from, top, bar.to - from, BAR_HEIGHT);
	canvas.clip(hatch);
	canvas.stroke();
	canvas.restore();
}

function paintLabel(canvas: Canvas, palette: Palette, bar: Bar): void {
	if (bar.labelPlace === 'none') return;
	const middle = bar.y + ROW_HEIGHT / 2 + 0.5;
	if (bar.labelPlace === 'inside') {
		const width = canvas.measureText(bar.label).width;
		canvas.fillStyle = palette.background;
		const alpha = canvas.globalAlpha;
		canvas.globalAlpha = alpha * 0.86;
		canvas.beginPath();
		canvas.roundRect(bar.labelAt - 4, bar.y + BAR_TOP + 1, width + 8, BAR_HEIGHT - 2, 2);
		canvas.fill();
		canvas.globalAlpha = alpha;
	}
	canvas.fillStyle = bar.error ? palette.error : bar.labelPlace === 'inside' ? palette.text : palette.textDim;
	canvas.fillText(bar.label, bar.labelAt, middle);
}

/** A sign at the edge behind which a row's bar is. `y` is of the row's top. */
export function paintEdgeSign(
	canvas: Canvas,
	palette: Palette,
	edge: 'left' | 'right',
	width: number,
	y: number,
): void {
	const tip = edge === 'left' ? 1 : width - 1;
	const back = edge === 'left' ? 5 : width - 5;
	canvas.strokeStyle = palette.textFaint;
	canvas.lineWidth = 1.5;
	canvas.beginPath();
	canvas.moveTo(back, y + ROW_HEIGHT / 2 - 4);
	canvas.lineTo(tip, y + ROW_HEIGHT / 2);
	canvas.lineTo(back, y + ROW_HEIGHT / 2 + 4);
	canvas.stroke();
}

/** Hairlines at the ruler's ticks. */
export function paintGrid(canvas: Canvas, palette: Palette, xs: readonly number[], height: number): void {
	canvas.fillStyle = palette.line;
	for (const x of xs) canvas.fillRect(Math.round(x), 0, 1, height);
}

/** The marked stretch of time, behind the bars. */
export function paintMark(
	canvas: Canvas,
	palette: Palette,
	{ from, to }: { from: number; to: number },
	height: number,
): void {
	const alpha = canvas.globalAlpha;
	canvas.fillStyle = palette.accent;
	canvas.globalAlpha = 0.1;
	canvas.fillRect(from, 0, to - from, height);
	canvas.globalAlpha = 0.7;
	canvas.fillRect(from, 0, 1, height);
	canvas.fillRect(to - 1, 0, 1, height);
	canvas.globalAlpha = alpha;
}
