import type { Density } from '../lib/preferences.svelte.ts';
import type { Trace } from '../../schema/trace-columns.ts';
import { formatDuration } from '../lib/format.ts';
import { durationOf, hasFlag, startOf } from './span-facts.ts';
import type { RepeatFacts } from './repeat-facts.ts';
import type { TimeSpan } from './trace-query.ts';

export const ROW_HEIGHT = 24;
const COMFORTABLE_ROW_HEIGHT = 28;

/** Rows are as high as a target has to be, or higher. Bars keep their size, in the middle. */
export const rowHeightOf = (density: Density): number =>
	density === 'comfortable' ? COMFORTABLE_ROW_HEIGHT : ROW_HEIGHT;

export const BAR_HEIGHT = 14;

/** One bar, in pixels of the timeline; `y` is of the row's top. */
export interface Bar {
	/** A row of the trace, or a group of repeats: see `TraceLines`. */
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
	/** What is drawn of a group: where one of its members ran. The bar is whole without it. */
	pieces?: Stretch[];
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

/** Beyond which edge something lies, when nothing of it is in sight. */
export function edgeOf(scale: TimelineScale, { from, to }: TimeSpan): 'left' | 'right' | undefined {
	if (from > scale.zoom.to) return 'right';
	return to < scale.zoom.from ? 'left' : undefined;
}

/** Where the bar of a row lies, or undefined when nothing of it is in sight. */
export function layOutBar(sources: BarSources, row: number, y: number): Bar | undefined {
	const { trace, scale, stretches } = sources;
	const start = startOf(trace, row);
	const from = toPixel(scale, start);
	const to = toPixel(scale, start + durationOf(trace, row));
	if (edgeOf(scale, { from: start, to: start + durationOf(trace, row) }) !== undefined) return undefined;
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

/** The bars of a group's members in one line, or undefined when nothing of them is in sight. */
export function layOutRepeats(sources: BarSources, entry: number, facts: RepeatFacts, y: number): Bar | undefined {
	const { trace, scale } = sources;
	if (edgeOf(scale, { from: facts.start, to: facts.end }) !== undefined) return undefined;
	const left = Math.max(0, toPixel(scale, facts.start));
	const right = Math.min(scale.width, Math.max(toPixel(scale, facts.end), left + 1.5));
	const times = new Float64Array(facts.members.length * 2);
	facts.members.forEach((row, index) => {
		times[index * 2] = startOf(trace, row);
		times[index * 2 + 1] = startOf(trace, row) + durationOf(trace, row);
	});
	const label = formatDuration(facts.union);
	return {
		row: entry,
		y,
		from: left,
		to: Math.max(right, left + 1),
		cutLeft: toPixel(scale, facts.start) < 0,
		cutRight: toPixel(scale, facts.end) > scale.width,
		error: facts.errors > 0 && toPixel(scale, facts.end) <= scale.width,
		label,
		...placeLabel(sources.measure(label), left, right, scale.width, facts.errors > 0 ? ERROR_END : 0),
		pieces: pixelStretches(times, scale, 1),
		covered: [],
		critical: facts.members.reduce<Stretch[]>(
			(stretches, row) => stretches.concat(pixelStretches(sources.stretches.critical(row), scale)),
			[],
		),
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

/** Pairs of nanoseconds as pixels, each at least so wide; what is closer together than a pixel becomes one. */
function pixelStretches(pairs: Float64Array, scale: TimelineScale, least = 0): Stretch[] {
	const stretches: Stretch[] = [];
	let last: Stretch | undefined;
	for (let index = 0; index < pairs.length; index += 2) {
		const from = Math.max(0, toPixel(scale, pairs[index] ?? 0));
		const to = Math.min(scale.width, Math.max(toPixel(scale, pairs[index + 1] ?? 0), from + least));
		if (to <= from) continue;
		if (last !== undefined && from - last.to < 1) last.to = Math.max(last.to, to);
		else stretches.push((last = { from, to }));
	}
	return stretches;
}
