/** One line or stack of bars: a value for every step, null where nothing was measured. */
export interface Series {
	name: string;
	/** In a legend, where that says enough. */
	short?: string;
	/** A CSS colour, by custom property. */
	color: string;
	values: readonly (number | null)[];
}

/** Something that happened at a moment: a line across the chart. */
export interface Marker {
	tMs: number;
	/** Short: it stands in the chart. */
	label: string;
	/** Of an alert; without, a change. */
	look?: 'error' | 'warn';
	/** Where its label leads. */
	href?: string;
	/** The version that was first seen then. */
	deploy?: { service: string; revision: string; environment: string };
}

/** A value that decides something: a labelled line along the chart. */
export interface Limit {
	value: number;
	label: string;
	look: 'error' | 'warn';
}

/** A stretch of time in which something held, behind the lines. */
export interface Band {
	fromMs: number;
	toMs: number;
	look: 'error' | 'warn';
}

export interface ChartSteps {
	/** Start of every step. */
	timesMs: readonly number[];
	stepMs: number;
	fromMs: number;
	toMs: number;
}

/** Index of the step that a share of the width lies in. */
export function stepAt(steps: ChartSteps, share: number): number {
	const atMs = steps.fromMs + share * (steps.toMs - steps.fromMs);
	const first = steps.timesMs[0] ?? steps.fromMs;
	const index = Math.floor((atMs - first) / Math.max(1, steps.stepMs));
	return Math.min(steps.timesMs.length - 1, Math.max(0, index));
}

/** Ends of the steps from `first` to `last`. */
export function windowOfSteps(steps: ChartSteps, first: number, last: number): { fromMs: number; toMs: number } {
	const fromMs = steps.timesMs[first] ?? steps.fromMs;
	return { fromMs, toMs: (steps.timesMs[last] ?? steps.toMs - steps.stepMs) + steps.stepMs };
}
