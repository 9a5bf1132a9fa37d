import type { ObjectiveDetail } from '../../../schema/api-objectives.ts';
import type { ChartSteps } from '../../charts/chart-data.ts';

/** Of the window, so much of the time after now is drawn for the projection. */
const AHEAD_SHARE = 0.15;

export interface BurnDown {
	steps: ChartSteps;
	/** Budget left at the end of each step, null of what is still to come. */
	left: (number | null)[];
	/** Spending evenly, from all of it at the start of the window to nothing at its end. */
	even: (number | null)[];
	/** From now on, in a straight line to the moment at which it is gone; all null where it isn't going. */
	projected: (number | null)[];
}

/** The course of a budget as a chart draws it, some of the future included. */
export function burnDown({
	window,
	stepMs,
	points,
	exhaustedMs,
	budgetLeftRatio,
}: Pick<ObjectiveDetail, 'window' | 'stepMs' | 'points' | 'exhaustedMs' | 'budgetLeftRatio'>): BurnDown {
	const lengthMs = Math.max(stepMs, window.toMs - window.fromMs);
	const count = Math.max(1, Math.ceil((lengthMs * (1 + AHEAD_SHARE)) / stepMs));
	const begun = points[0] === undefined ? window.fromMs : points[0].tMs - stepMs;
	// Of a young objective only the end of its window has points, and all of it is drawn.
	const first = begun - Math.max(0, Math.floor((begun - window.fromMs) / stepMs)) * stepMs;
	const timesMs = Array.from({ length: count }, (_, i) => first + i * stepMs);
	const endOf = (tMs: number) => tMs + stepMs;
	// A point is named by the end of its step.
	const known = new Map(points.map((point) => [point.tMs, point]));
	const now = { atMs: window.toMs, left: budgetLeftRatio };
	// The step that goes on has no point yet: what is left now is known all the same.
	const isNow = (tMs: number) => tMs < now.atMs && endOf(tMs) >= now.atMs;
	const left = timesMs.map((tMs) => known.get(endOf(tMs))?.budgetLeftRatio ?? (isNow(tMs) ? now.left : null));
	const even = timesMs.map((tMs) => {
		const share = (endOf(tMs) - window.fromMs) / lengthMs;
		return share > 1 + 1e-9 ? null : 1 - share;
	});
	const projected = timesMs.map((tMs) =>
		now.left === null || exhaustedMs === null || endOf(tMs) < now.atMs
			? null
			: onLine(endOf(tMs), { atMs: now.atMs, left: now.left }, exhaustedMs),
	);
	return { steps: { timesMs, stepMs, fromMs: first, toMs: first + count * stepMs }, left, even, projected };
}

/** Height of the line through a point and through 0 at `goneMs`; null after that. */
function onLine(tMs: number, from: { atMs: number; left: number }, goneMs: number): number | null {
	if (from.left <= 0 || goneMs <= from.atMs || tMs > goneMs) return null;
	return from.left * (1 - (tMs - from.atMs) / (goneMs - from.atMs));
}

/** Budget left after each step of a window that is looked at as a whole, from what was counted in it; null before anything was. */
export function budgetCourse(
	counts: readonly { good: number; total: number }[],
	targetPercent: number,
): { sliPercent: number | null; budgetLeftRatio: number | null; course: (number | null)[] } {
	const total = counts.reduce((sum, count) => sum + count.total, 0);
	const good = counts.reduce((sum, count) => sum + count.good, 0);
	const allowed = total * (1 - targetPercent / 100);
	let bad = 0;
	let seen = 0;
	const course = counts.map((count) => {
		bad += count.total - count.good;
		seen += count.total;
		return seen === 0 ? null : 1 - bad / allowed;
	});
	if (total === 0) return { sliPercent: null, budgetLeftRatio: null, course };
	return { sliPercent: (100 * good) / total, budgetLeftRatio: 1 - (total - good) / allowed, course };
}
