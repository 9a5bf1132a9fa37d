import { recycleSlots } from './recycle-slots.ts';
import type { TraceView } from './trace-view.svelte.ts';

/** Rows above and below the sight that are kept ready. */
const SPARE_ROWS = 4;
/** The canvas is so much longer than the sight, most of it where the reader scrolls to; less than the tolerance moves it. */
const OVERDRAW_PX = 480;
const TOLERANCE_PX = 72;

/** Which rows are in sight, which elements show them, and where the canvas floats. */
export class ScrollWindow {
	readonly #view: TraceView;
	readonly #rowHeight: () => number;
	readonly rowHeight: number = $derived.by(() => this.#rowHeight());
	scrollTop = $state(0);
	height = $state(0);
	readonly rowCount: number = $derived.by(() => this.#view.visible.rows.length);
	// 250,000 rows are 6 million pixels. Chromium clamps an element at 33.5 million, Firefox at 17.9 million.
	readonly contentHeight: number = $derived(this.rowCount * this.rowHeight);
	readonly first: number = $derived(Math.max(0, Math.floor(this.scrollTop / this.rowHeight) - SPARE_ROWS));
	readonly last: number = $derived(
		Math.min(this.rowCount - 1, Math.ceil((this.scrollTop + this.height) / this.rowHeight) + SPARE_ROWS),
	);

	#slotsBefore: Int32Array = new Int32Array(0);
	/** For each element of the pool the row it shows, or -1. The active row always has one, so that focus survives scrolling. */
	readonly slots: Int32Array = $derived.by(() => {
		const { rows, positionOf } = this.#view.visible;
		const wanted = [...rows.subarray(this.first, this.last + 1)];
		if (this.#view.active >= 0 && (positionOf[this.#view.active] ?? -1) >= 0) wanted.push(this.#view.active);
		this.#slotsBefore = recycleSlots(this.#slotsBefore, wanted);
		return this.#slotsBefore;
	});

	#canvasBefore = 0;
	/** Top of the canvas within the content. It stays while the sight is well inside, so that scrolling needs no drawing. */
	readonly canvasTop: number = $derived.by(() => {
		const above = this.scrollTop - this.#canvasBefore;
		const below = this.#canvasBefore + this.canvasHeight - (this.scrollTop + this.height);
		const isInside = above >= Math.min(TOLERANCE_PX, this.scrollTop) && below >= TOLERANCE_PX;
		if (!isInside) {
			const behind = below < above ? TOLERANCE_PX : OVERDRAW_PX - TOLERANCE_PX;
			this.#canvasBefore = Math.floor(Math.max(0, this.scrollTop - behind) / this.rowHeight) * this.rowHeight;
		}
		return this.#canvasBefore;
	});
	readonly canvasHeight: number = $derived(Math.ceil(this.height) + OVERDRAW_PX);

	/** `rowHeight`: pixels; the reader may change it. */
	constructor(view: TraceView, rowHeight: () => number) {
		this.#view = view;
		this.#rowHeight = rowHeight;
	}

	/** Where to scroll so that a position is in sight: not at all, just enough for a step, else to the middle. */
	scrollTopFor(position: number): number {
		const top = position * this.rowHeight;
		const isAbove = top < this.scrollTop;
		const isBelow = top + this.rowHeight > this.scrollTop + this.height;
		if (!isAbove && !isBelow) return this.scrollTop;
		const distance = isAbove ? this.scrollTop - top : top + this.rowHeight - this.scrollTop - this.height;
		if (distance > this.height) return Math.max(0, top - this.height / 2 + this.rowHeight / 2);
		return isAbove ? top : top + this.rowHeight - this.height;
	}

	get rowsPerPage(): number {
		return Math.max(1, Math.floor(this.height / this.rowHeight) - 1);
	}
}
