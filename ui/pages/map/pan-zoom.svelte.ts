import type { Point } from './layout.ts';

const MIN_SCALE = 0.2;
const MAX_SCALE = 2.5;
const PADDING = 16;
/** Smaller than this nobody can read it: then a part is shown, from the left. */
const MIN_FIT = 0.75;

interface Size {
	width: number;
	height: number;
}

/** Which part of a drawing is seen in a box, and how large. */
export class PanZoom {
	x = $state(0);
	y = $state(0);
	scale = $state(1);

	/** All of it, in the middle, no larger than life; of what is too large for that, the beginning. */
	fit(drawing: Size, box: Size): void {
		if (drawing.width <= 0 || drawing.height <= 0 || box.width <= 0) return;
		const room = { width: box.width - 2 * PADDING, height: box.height - 2 * PADDING };
		this.scale = Math.max(MIN_FIT, Math.min(1, room.width / drawing.width, room.height / drawing.height));
		this.x = Math.max(0, (box.width - drawing.width * this.scale) / 2);
		this.y = Math.max(0, (box.height - drawing.height * this.scale) / 2);
	}

	/** The point of the box, in pixels from its corner, stays where it is. */
	zoom(factor: number, at: Point): void {
		const next = clamp(this.scale * factor);
		this.x = at.x - ((at.x - this.x) * next) / this.scale;
		this.y = at.y - ((at.y - this.y) * next) / this.scale;
		this.scale = next;
	}

	pan(dx: number, dy: number): void {
		this.x += dx;
		this.y += dy;
	}

	/** Moves no more than it takes to have a part of the drawing in the box, given its middle, if it has one. */
	reveal(middle: Point | undefined, part: Size, box: Size): void {
		if (middle === undefined) return;
		const left = (middle.x - part.width / 2) * this.scale + this.x;
		const top = (middle.y - part.height / 2) * this.scale + this.y;
		this.x += overlap(left, part.width * this.scale, box.width);
		this.y += overlap(top, part.height * this.scale, box.height);
	}
}

const clamp = (scale: number): number => Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale));

function overlap(start: number, length: number, room: number): number {
	if (start < PADDING) return PADDING - start;
	return Math.min(0, room - PADDING - (start + length));
}
