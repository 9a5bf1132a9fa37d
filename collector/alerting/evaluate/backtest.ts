/** What a rule would have done: the evaluator itself, over values that were stored or are measured again. Pure. */
import type { Severity } from '../../../schema/alert.ts';
import type { Tally } from '../../../schema/api-alerts.ts';
import { evaluate, freshState } from './evaluate.ts';
import type { Change, Measured, RuleState } from './evaluate.ts';
import type { Rule } from './rule.ts';

/** A time of firing; `toMs` is the end of what was looked at where it goes on. */
export interface Band {
	severity: Severity;
	conditionKey: string;
	fromMs: number;
	toMs: number;
}

export interface Replayed {
	/** By group, in order of their beginning. */
	bands: Map<string, Band[]>;
	changes: Change[];
	state: RuleState;
}

/** A firing that begins so soon after the one before is the same trouble told twice. */
export const FLAP_MS: number = 15 * 60_000;

/** Runs a rule over evaluations in order. `goOn` may end it early: it hears of each change. */
export function replay(rule: Rule, evaluations: readonly Measured[], goOn?: (change: Change) => boolean): Replayed {
	const bands = new Map<string, Band[]>();
	const open = new Map<string, Band>();
	const changes: Change[] = [];
	let state = freshState();
	const endMs = evaluations.at(-1)?.tMs ?? 0;
	for (const measured of evaluations) {
		const evaluation = evaluate(rule, measured, state);
		state = evaluation.state;
		for (const change of evaluation.changes) {
			changes.push(change);
			noteBand(change, endMs, bands, open);
			if (goOn !== undefined && !goOn(change)) return { bands, changes, state };
		}
	}
	return { bands, changes, state };
}

function noteBand(change: Change, endMs: number, bands: Map<string, Band[]>, open: Map<string, Band>): void {
	const { groupKey, conditionKey, severity, tMs } = change;
	const key = JSON.stringify([groupKey, conditionKey]);
	if (change.kind === 'fired') {
		const band = { severity, conditionKey, fromMs: tMs, toMs: endMs };
		open.set(key, band);
		bands.set(groupKey, [...(bands.get(groupKey) ?? []), band]);
	}
	const found = open.get(key);
	if (change.kind === 'resolved' && found !== undefined) {
		found.toMs = tMs;
		open.delete(key);
	}
}

/** Of one group. `evaluations` counts those that covered it, `withoutData` those of them without a value. */
export function tallyOf(bands: readonly Band[], evaluations: number, withoutData: number): Tally {
	return {
		firings: bands.length,
		totalMs: unionMs(bands),
		longestMs: Math.max(0, ...bands.map(({ fromMs, toMs }) => toMs - fromMs)),
		flaps: flapsOf(bands),
		noDataRatio: evaluations === 0 ? 0 : withoutData / evaluations,
	};
}

/** Of all groups together: times of several groups add up. */
export function sumTallies(tallies: readonly Tally[]): Tally {
	const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
	return {
		firings: sum(({ firings }) => firings),
		totalMs: sum(({ totalMs }) => totalMs),
		longestMs: Math.max(0, ...tallies.map(({ longestMs }) => longestMs)),
		flaps: sum(({ flaps }) => flaps),
		noDataRatio: tallies.length === 0 ? 1 : sum(({ noDataRatio }) => noDataRatio) / tallies.length,
	};
}

/** Time in which anything fired: a page and a ticket at once count once. */
function unionMs(bands: readonly Band[]): number {
	let total = 0;
	let reachedMs = -Infinity;
	for (const { fromMs, toMs } of bands.toSorted((a, b) => a.fromMs - b.fromMs)) {
		total += Math.max(0, toMs - Math.max(fromMs, reachedMs));
		reachedMs = Math.max(reachedMs, toMs);
	}
	return total;
}

function flapsOf(bands: readonly Band[]): number {
	const endMs = new Map<string, number>();
	let flaps = 0;
	for (const { conditionKey, fromMs, toMs } of bands) {
		const before = endMs.get(conditionKey);
		if (before !== undefined && fromMs - before <= FLAP_MS) flaps += 1;
		endMs.set(conditionKey, toMs);
	}
	return flaps;
}
