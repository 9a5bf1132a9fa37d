import type { AlertAnswer } from '../../../schema/api-alerts.ts';
import type { AlertState } from '../../../schema/alert.ts';
import { urgencyOf } from './alert-words.ts';

type Stretch = AlertAnswer['strip'][number];

export interface StripRun {
	/** Of the cells: from the first, up to the last exclusive. */
	from: number;
	to: number;
	state: AlertState;
}

/**
 * The states of a window in `cells` cells of equal length; a cell shows the most urgent state that touches it, so that
 * a short firing is not lost. Cells that nothing touches are left out: the rule did not exist.
 */
export function stripRuns(strip: readonly Stretch[], fromMs: number, toMs: number, cells: number): StripRun[] {
	const cellMs = (toMs - fromMs) / cells;
	const states = Array.from<AlertState | undefined>({ length: cells });
	for (const stretch of strip) {
		const [startMs, endMs] = [Math.max(fromMs, stretch.fromMs), Math.min(toMs, stretch.toMs)];
		if (endMs <= startMs) continue;
		const last = Math.ceil((endMs - fromMs) / cellMs) - 1;
		for (let cell = Math.floor((startMs - fromMs) / cellMs); cell <= last; cell++) {
			states[cell] = moreUrgent(states[cell], stretch.state);
		}
	}
	return runsOf(states);
}

const moreUrgent = (known: AlertState | undefined, state: AlertState): AlertState =>
	known !== undefined && urgencyOf(known) >= urgencyOf(state) ? known : state;

function runsOf(states: readonly (AlertState | undefined)[]): StripRun[] {
	const runs: StripRun[] = [];
	for (const [cell, state] of states.entries()) {
		if (state === undefined) continue;
		const last = runs.at(-1);
		if (last?.state === state && last.to === cell) last.to = cell + 1;
		else runs.push({ from: cell, to: cell + 1, state });
	}
	return runs;
}

/** Milliseconds within the window in a state; stretches do not overlap. */
export const stripTotal = (strip: readonly Stretch[], state: AlertState, fromMs: number, toMs: number): number =>
	strip
		.filter((stretch) => stretch.state === state)
		.reduce((sum, stretch) => sum + Math.max(0, Math.min(toMs, stretch.toMs) - Math.max(fromMs, stretch.fromMs)), 0);
