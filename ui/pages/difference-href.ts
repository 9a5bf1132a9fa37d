import { brushParameter } from './traces-query.ts';
import { linkWindow } from './firings/firing-facts.ts';
import type { HeatBrush } from '../charts/heatmap-grid.ts';
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
	/** Of both; the screen's own unless said. */
	env?: string;
}

/** The search, opened with "What is different" about one of two sides. The window is fixed: what it tells is of just these. */
export function differenceHref(router: Router, { q, window, pick, brush, env }: Sides): string {
	return router.href('/traces', {
		q,
		pick,
		brush: brushParameter.encode(brush) ?? undefined,
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

/** A window beside the one of the same length before it. */
export const againstBefore = (q: string, { fromMs, toMs }: TimeWindow): Sides => ({
	q,
	brush: brushOfTime(fromMs, toMs),
	window: { fromMs: 2 * fromMs - toMs, toMs },
});
