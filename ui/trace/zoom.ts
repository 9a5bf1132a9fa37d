import type { TimeSpan } from './trace-query.ts';

/** Closer than this nothing can be told apart: clocks count nanoseconds. */
const SHORTEST_NANO = 50;

/** Within the trace, at least as long as can be shown. */
export function clampZoom({ from, to }: TimeSpan, whole: number): TimeSpan {
	const length = Math.min(whole, Math.max(to - from, Math.min(SHORTEST_NANO, whole)));
	const start = Math.min(Math.max(0, from), whole - length);
	return { from: start, to: start + length };
}

/** `factor` below 1 comes closer. `at` stays where it is. */
export function zoomAround(zoom: TimeSpan, at: number, factor: number, whole: number): TimeSpan {
	return clampZoom({ from: at - (at - zoom.from) * factor, to: at + (zoom.to - at) * factor }, whole);
}

/** By a share of what is shown; positive is later. */
export function panBy(zoom: TimeSpan, share: number, whole: number): TimeSpan {
	const by = (zoom.to - zoom.from) * share;
	return clampZoom({ from: zoom.from + by, to: zoom.to + by }, whole);
}

/** A span with some room on both sides. */
export function fitSpan(start: number, duration: number, whole: number): TimeSpan {
	const room = Math.max(duration * 0.06, SHORTEST_NANO);
	return clampZoom({ from: start - room, to: start + duration + room }, whole);
}

export const isWhole = (zoom: TimeSpan, whole: number): boolean => zoom.from <= 0 && zoom.to >= whole;
