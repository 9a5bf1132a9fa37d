import { ROW_HEIGHT } from './bar-layout.ts';
import type { Bar } from './bar-layout.ts';
import { spanIdOf } from './span-facts.ts';
import type { TraceView } from './trace-view.svelte.ts';

/** What the canvas shows, for tests: pixels of the page. */
interface WaterfallHook {
	rects(): {
		row: number;
		spanId: string;
		x: number;
		y: number;
		width: number;
		height: number;
		error: boolean;
		label: string;
	}[];
	/** Row of the trace at a height of the page, -1 for none. */
	rowAt(y: number): number;
	/** Rows of the trace that the canvas covers, in order. */
	visible(): number[];
}

declare global {
	interface Window {
		__waterfall?: WaterfallHook;
	}
}

export interface Painted {
	bars: readonly Bar[];
	canvasTop: number;
}

/** Hangs the hook into the page. The answer takes it away. */
export function installHook(
	view: TraceView,
	scroller: HTMLElement,
	painted: Painted,
	timeline: { left: () => number; rowHeight: () => number },
): () => void {
	const top = (): number => scroller.getBoundingClientRect().top - scroller.scrollTop;
	const left = (): number => scroller.getBoundingClientRect().left + timeline.left();
	window.__waterfall = {
		rects: () =>
			painted.bars.map((bar) => ({
				row: bar.row,
				spanId: spanIdOf(view.trace, bar.row),
				x: left() + bar.from,
				y: top() + painted.canvasTop + bar.y,
				width: bar.to - bar.from,
				height: ROW_HEIGHT,
				error: bar.error,
				label: bar.label,
			})),
		rowAt: (y) => view.visible.rows[Math.floor((y - top()) / timeline.rowHeight())] ?? -1,
		visible: () => painted.bars.map((bar) => bar.row),
	};
	return () => delete window.__waterfall;
}
