import { comparedWindow } from '../../schema/compared-window.ts';
import { againstParameter, brushParameter } from './traces-query.ts';
import { linkWindow } from './firings/firing-facts.ts';
import type { HeatBrush } from '../charts/heatmap-grid.ts';
import type { Comparison } from '../../schema/compared-window.ts';
import type { TimeWindow } from '../../schema/api.ts';
import type { Router } from '../lib/router.svelte.ts';

/** Spans of a query, and which of them are meant: the others are what they are compared with. */
export interface Sides {
	/** Both sides, in the search language. */
	q: string;
	window: TimeWindow;
	/** The side that is meant: a query, a rectangle of time and duration, or what lies in both. */
	pick?: string;
	brush?: HeatBrush;
	/** Another time in which the other side lies. */
	against?: TimeWindow;
	/** Of both; the screen's own unless said. */
	env?: string;
}

/** The search, opened with "What is different" about one of two sides. The window is fixed: what it tells is of just these. */
export function differenceHref(router: Router, { q, window, pick, brush, against, env }: Sides): string {
	return router.href('/traces', {
		q,
		pick,
		brush: brushParameter.encode(brush) ?? undefined,
		against: againstParameter.encode(against) ?? undefined,
		...(env === undefined ? {} : { env }),
		...linkWindow(window),
	});
}

/** All durations of a time, as a brush. */
export const brushOfTime = (fromMs: number, toMs: number): HeatBrush => ({
	fromMs: Math.round(fromMs),
	toMs: Math.round(toMs),
	minNano: undefined,
	maxNano: undefined,
});

/** A window beside the one that it is compared with; undefined where the two overlap. */
export function againstCompared(q: string, window: TimeWindow, comparison: Comparison): Sides | undefined {
	const { fromMs, toMs } = window;
	const other = comparedWindow(window, comparison);
	if (other.toMs > fromMs) return undefined;
	// One heatmap shows both sides where they touch.
	if (other.toMs === fromMs) return { q, brush: brushOfTime(fromMs, toMs), window: { fromMs: other.fromMs, toMs } };
	return { q, window, against: other };
}
