import type { LaneRect } from '../overview/lanes.ts';
import { LANE_HEIGHT } from './paint-flame.ts';

/** What the flame chart shows, for tests: pixels of the page. */
interface FlameHook {
	rects(): { row: number; x: number; y: number; width: number }[];
}

declare global {
	interface Window {
		__flame?: FlameHook;
	}
}

/** Hangs the hook into the page, outside of production. The answer takes it away. */
export function installFlameHook(
	scroller: HTMLElement,
	painted: () => { rects: readonly LaneRect[]; top: number },
): (() => void) | undefined {
	if (import.meta.env.MODE === 'production') return undefined;
	window.__flame = {
		rects: () => {
			const { left, top } = scroller.getBoundingClientRect();
			return painted().rects.map(({ row, lane, from, to }) => ({
				row,
				x: left + from,
				y: top + lane * LANE_HEIGHT - painted().top,
				width: to - from,
			}));
		},
	};
	return () => delete window.__flame;
}
