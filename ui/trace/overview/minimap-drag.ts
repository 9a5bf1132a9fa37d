import type { TimeSpan } from '../trace-query.ts';

/** Pixels around an edge of the window in which it can be caught. */
const EDGE_PX = 6;

export type Grip = 'from' | 'to' | 'move' | 'new';

/** What a press at `x` takes hold of, given the window on the minimap in pixels. */
export function gripAt(x: number, window: TimeSpan, isWhole: boolean): Grip {
	if (isWhole) return 'new';
	if (Math.abs(x - window.from) <= EDGE_PX) return 'from';
	if (Math.abs(x - window.to) <= EDGE_PX) return 'to';
	return x > window.from && x < window.to ? 'move' : 'new';
}

/** The window after dragging from `start` to `now`, in the unit of its arguments. */
export function dragged(grip: Grip, window: TimeSpan, start: number, now: number): TimeSpan {
	const by = now - start;
	switch (grip) {
		case 'from':
			return ordered(window.from + by, window.to);
		case 'to':
			return ordered(window.from, window.to + by);
		case 'move':
			return { from: window.from + by, to: window.to + by };
		default:
			return ordered(start, now);
	}
}

const ordered = (a: number, b: number): TimeSpan => ({ from: Math.min(a, b), to: Math.max(a, b) });
