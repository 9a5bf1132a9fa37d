import type { Trace } from '../../schema/trace-columns.ts';
import { formatDuration } from '../lib/format.ts';
import { durationOf, hasFlag, startOf } from './span-facts.ts';
import type { TimeSpan } from './trace-query.ts';

export const ROW_HEIGHT = 24;
export const BAR_HEIGHT = 14;

/** One bar, in pixels of the timeline; `y` is of the row's top. */
export interface Bar {
	row: number;
	y: number;
	from: number;
	to: number;
	/** Ends of the span that are outside of what is shown. */
	cutLeft: boolean;
	cutRight: boolean;
	/** It failed, and its end is in sight. */
	error: boolean;
	label: string;
	labelAt: number;
	labelPlace: 'right' | 'left' | 'inside' | 'none';
	/** Stretches in which a child ran. */
	covered: Stretch[];
	critical: Stretch[];
}
interface Stretch {
	from: number;
	to: number;
}

export interface TimelineScale {
	zoom: TimeSpan;
	width: number;
}

const LABEL_GAP = 5;
/** Cap and hatch at the end of a bar that failed. */
export const ERROR_END = 17;

export const toPixel = ({ zoom, width }: TimelineScale, nano: number): number =>
	((nano - zoom.from) / (zoom.to - zoom.from)) * width;
export const toNano = ({ zoom, width }: TimelineScale, pixel: number): number =>
	zoom.from + (pixel / Math.max(1, width)) * (zoom.to - zoom.from);

export interface BarSources {
	trace: Trace;
	stretches: { covered(row: number): Float64Array; critical(row: number): Float64Array };
	scale: TimelineScale;
	measure: (text: string) => number;
}

/** Beyond which edge a row's bar is, when nothing of it is in sight. */
export function edgeOf(trace: Trace, scale: TimelineScale, row: number): 'left' | 'right' | undefined {
	if (startOf(trace, row) > scale.zoom.to) return 'right';
	return startOf(trace, row) + durationOf(trace, row) < scale.zoom.from ? 'left' : undefined;
}

/** Where the bar of a row lies, or undefined when nothing of it is in sight. */
export function layOutBar(sources: BarSources, row: number, y: number): Bar | undefined {
	const { trace, scale, stretches } = sources;
	const start = startOf(trace, row);
	const from = toPixel(scale, start);
	const to = toPixel(scale, start + durationOf(trace, row));
	if (edgeOf(trace, scale, row) !== undefined) return undefined;
	const left = Math.max(0, from);
	const right = Math.min(scale.width, Math.max(to, from + 1.5));
	const label = formatDuration(durationOf(trace, row));
	const error = hasFlag(trace, row, 'error') && to <= scale.width;
	const place = placeLabel(sources.measure(label), left, right, scale.width, error ? ERROR_END : 0);
	return {
		row,
		y,
		from: left,
		to: Math.max(right, left + 1),
		cutLeft: from < 0,
		cutRight: to > scale.width,
		error,
		label,
		...place,
		covered: pixelStretches(stretches.covered(row), scale),
		critical: pixelStretches(stretches.critical(row), scale),
	};
}

function placeLabel(
	width: number,
	left: number,
	right: number,
	room: number,
	end: number,
): Pick<Bar, 'labelAt' | 'labelPlace'> {
	if (right + LABEL_GAP + width <= room) return { labelAt: right + LABEL_GAP, labelPlace: 'right' };
	if (left - LABEL_GAP - width >= 0) return { labelAt: left - LABEL_GAP - width, labelPlace: 'left' };
	if (right - left >= width + 4 * LABEL_GAP + end) {
		return { labelAt: right - width - 2 * LABEL_GAP - end, labelPlace: 'inside' };
	}
	return { labelAt: 0, labelPlace: 'none' };
}

/** Pairs of nanoseconds as pixels; what is closer together than a pixel becomes one. */
function pixelStretches(pairs: Float64Array, scale: TimelineScale): Stretch[] {
	const stretches: Stretch[] = [];
	let last: Stretch | undefined;
	for (let index = 0; index < pairs.length; index += 2) {
		const from = Math.max(0, toPixel(scale, pairs[index] ?? 0));
		const to = Math.min(scale.width, toPixel(scale, pairs[index + 1] ?? 0));
		if (to <= from) continue;
		if (last !== undefined && from - last.to < 1) last.to = to;
		else stretches.push((last = { from, to }));
	}
	return stretches;
}
