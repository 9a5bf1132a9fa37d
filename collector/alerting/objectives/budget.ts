/** What is left of a budget, and how fast it goes. Pure. */
import type { Sample } from '../evaluate/judge.ts';
import { budgetLeft, burnOf } from './burn-rates.ts';
import type { EventCounts } from './burn-rates.ts';
import type { Counted, MinuteCounts } from './minute-counts.ts';
import { windowAt } from './objective.ts';
import type { Objective } from './objective.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Over which burn is shown. */
export const BURN_WINDOWS_MS: readonly number[] = [hourMs, 6 * hourMs, 24 * hourMs, 72 * hourMs];
/** Share of a window that has to be counted before an alert believes it. */
const leastCoverage = 0.5;

/** Events, or slices of time where the objective counts those. */
export const countsOf = (
	{ slice }: Pick<Objective, 'slice'>,
	counts: Counted,
	fromMs: number,
	toMs: number,
): EventCounts & { minutes: number } =>
	slice === undefined ? counts.sum(fromMs, toMs) : counts.slices(fromMs, toMs, slice);

/** Burn over the long and the short window of each rate, as of a moment: null where it may not alert. */
export function burnSample(objective: Objective, counts: Counted, tMs: number): Sample {
	const { burnRates, targetRatio, minBadEvents } = objective;
	const before = burnRates.flatMap(({ longMs, shortMs }) => {
		const events = counts.sum(tMs - longMs, tMs);
		const isCovered = events.minutes * minuteMs >= leastCoverage * longMs;
		if (!isCovered || events.total - events.good < minBadEvents) return [null, null];
		return [longMs, shortMs].map((ms) => burnOf(countsOf(objective, counts, tMs - ms, tMs), targetRatio));
	});
	const hour = countsOf(objective, counts, tMs - hourMs, tMs);
	return { value: burnOf(hour, targetRatio), requests: counts.sum(tMs - hourMs, tMs).total, before };
}

interface Budget extends EventCounts {
	window: { fromMs: number; toMs: number };
	leftRatio: number;
}

/** Of the window at a moment. Of a calendar's period the rest is expected to be as busy as what was. */
export function budgetAt(objective: Objective, counts: MinuteCounts, tMs: number): Budget {
	const window = windowAt(objective, tMs);
	const { good, total } = countsOf(objective, counts, window.fromMs, tMs);
	const passed = (tMs - window.fromMs) / (window.toMs - window.fromMs);
	const expected = objective.calendar === undefined ? total : total / Math.min(1, Math.max(passed, 1e-9));
	return { window, good, total, leftRatio: budgetLeft({ good, total }, objective.targetRatio, expected) };
}

/** When the budget is gone if it goes on as in the last six hours; null where it doesn't, now where it is gone already. */
export function exhaustedAt(objective: Objective, counts: MinuteCounts, tMs: number): number | null {
	const { leftRatio } = budgetAt(objective, counts, tMs);
	if (leftRatio <= 0) return tMs;
	const burn = burnOf(countsOf(objective, counts, tMs - 6 * hourMs, tMs), objective.targetRatio);
	// A burn of 1 spends all of it in one window.
	return burn === null || burn <= 0 ? null : Math.round(tMs + (leftRatio * objective.windowMs) / burn);
}

export interface BudgetPoint extends EventCounts {
	/** End of the step. */
	tMs: number;
	budgetLeftRatio: number;
}

/** Steps of the window, each with its events and what was left at its end. */
export function budgetPoints(
	objective: Objective,
	counts: MinuteCounts,
	{ fromMs, toMs, stepMs }: { fromMs: number; toMs: number; stepMs: number },
): BudgetPoint[] {
	const points: BudgetPoint[] = [];
	for (let endMs = fromMs + stepMs; endMs <= toMs; endMs += stepMs) {
		const { good, total } = countsOf(objective, counts, endMs - stepMs, endMs);
		points.push({ tMs: endMs, good, total, budgetLeftRatio: budgetAt(objective, counts, endMs).leftRatio });
	}
	return points;
}
