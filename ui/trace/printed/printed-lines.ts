import { layOutBar, layOutRepeats } from '../bar-layout.ts';
import type { Bar } from '../bar-layout.ts';
import { durationOf, hasFlag, labelOf, serviceOf, startOf } from '../span-facts.ts';
import type { TraceView } from '../trace-view.svelte.ts';

/** Thirty pages (docs/adr/0054-waterfalls-on-paper.md): what is beyond is another print, of a subtree or of what a filter finds. */
export const MOST_PRINTED = 1_500;
/** What the timeline is laid out in; paper stretches it to its width. */
export const PRINTED_WIDTH = 1_000;

/** One line of a printed waterfall. */
export interface PrintedLine {
	entry: number;
	depth: number;
	service: string;
	label: string;
	/** Above 1 for repeats that are folded. */
	times: number;
	isQueryPerItem: boolean;
	isError: boolean;
	/** A filter is set, and does not find it. */
	isDim: boolean;
	startNano: number;
	/** Of repeats, the time in which at least one ran. */
	nano: number;
	/** In units of `PRINTED_WIDTH`; undefined where the zoom leaves it out. */
	bar: Bar | undefined;
}

/** The lines that the waterfall has, as it is folded, filtered and zoomed, up to `MOST_PRINTED`. */
export function printedLines(view: TraceView): PrintedLine[] {
	return [...view.visible.rows.subarray(0, MOST_PRINTED)].map((entry) => lineOf(view, entry));
}

function lineOf(view: TraceView, entry: number): PrintedLine {
	const { trace, lines, stretches, zoom } = view;
	const row = lines.rowOf(entry);
	const repeats = lines.isGroup(entry) ? lines.facts(entry) : undefined;
	const members = repeats === undefined ? [row] : [...repeats.members];
	const marked = view.matches?.marked;
	// Durations have a column of their own: no label needs room beside its bar.
	const sources = { trace, stretches, scale: { zoom, width: PRINTED_WIDTH }, measure: () => 0 };
	return {
		entry,
		depth: lines.level(entry),
		service: serviceOf(trace, row),
		label: labelOf(trace, row),
		times: members.length,
		isQueryPerItem: repeats?.isQueryPerItem === true,
		isError: members.some((member) => hasFlag(trace, member, 'error')),
		isDim: marked !== undefined && members.every((member) => marked[member] !== 1),
		startNano: repeats?.start ?? startOf(trace, row),
		nano: repeats?.union ?? durationOf(trace, row),
		bar: repeats === undefined ? layOutBar(sources, row, 0) : layOutRepeats(sources, entry, repeats, 0),
	};
}
