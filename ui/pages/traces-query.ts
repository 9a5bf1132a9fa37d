import { choiceParameter, textParameter, traceIdParameter } from '../lib/query-state.ts';
import { exploreQuery } from './explore/explore-query.ts';
import type { Parameter } from '../lib/query-state.ts';
import type { HeatBrush } from '../charts/heatmap-grid.ts';
import type { Sort, SpansAnswer, TimeWindow, TracesAnswer } from '../../schema/api.ts';

/** By end, by length. The server knows more; these are the ones that a reader asks for. */
export const TRACE_SORTS = ['-end', 'end', '-duration', 'duration'] as const satisfies readonly Sort[];
export const VIEWS = ['traces', 'spans'] as const;
export type SearchView = (typeof VIEWS)[number];
export const CHARTS = ['heat', 'rate', 'series', 'none'] as const;

const number = (text: string): number | undefined => (/^\d{1,16}$/.test(text) ? Number(text) : undefined);

/** `from,to,shortest,longest`: milliseconds, nanoseconds; an open side is empty. */
export const brushParameter: Parameter<HeatBrush | undefined> = {
	fallback: undefined,
	decode: (text) => {
		const parts = text.split(',');
		const [fromMs, toMs, minNano, maxNano] = parts.map(number);
		const isWhole =
			parts.length === 4 && parts.every((part, i) => (i > 1 && part === '') || number(part) !== undefined);
		if (!isWhole || fromMs === undefined || toMs === undefined || fromMs >= toMs) return undefined;
		return { fromMs, toMs, minNano, maxNano };
	},
	encode: (brush) =>
		brush === undefined ? null : [brush.fromMs, brush.toMs, brush.minNano ?? '', brush.maxNano ?? ''].join(','),
};

/** `from,to` in milliseconds. */
export const againstParameter: Parameter<TimeWindow | undefined> = {
	fallback: undefined,
	decode: (text) => {
		const [fromMs, toMs, ...more] = text.split(',').map(number);
		if (fromMs === undefined || toMs === undefined || fromMs >= toMs || more.length > 0) return undefined;
		return { fromMs, toMs };
	},
	encode: (window) => (window === undefined ? null : `${window.fromMs},${window.toMs}`),
};

export const tracesQuery = {
	q: textParameter(),
	sort: choiceParameter(TRACE_SORTS, '-end'),
	view: choiceParameter(VIEWS, 'traces'),
	chart: choiceParameter(CHARTS, 'heat'),
	brush: brushParameter,
	/** Another time: what is selected is compared with it, rather than with what isn't. */
	against: againstParameter,
	/** Which spans of the query are meant, in the search language: the others are what they are compared with. */
	pick: textParameter(),
	/** Facets beside the usual ones, and columns of spans beside the usual ones: keys parted by commas. */
	facets: textParameter(),
	cols: textParameter(),
	/** Id of the trace that is shown beside the list. */
	preview: traceIdParameter,
	/** Id of the trace that another is to be compared with. */
	with: traceIdParameter,
	/** Of the chart of series. */
	measure: exploreQuery.measure,
	by: exploreQuery.by,
	spans: choiceParameter(['entry', 'all'], 'all'),
	groups: exploreQuery.groups,
	shape: exploreQuery.shape,
};

/** Where a page of results starts: nowhere for the first, a cursor within the first one's window for the others. */
export interface PagePlace {
	[name: string]: string | number | undefined;
	cursor?: string;
	from?: number;
	to?: number;
}

/** Later pages keep the ends of the first: a window that ends now would move under the cursor. */
export const nextPage = (
	last: TracesAnswer | SpansAnswer,
	pages: readonly (TracesAnswer | SpansAnswer)[],
): PagePlace | undefined => {
	const window = pages[0]?.window;
	if (last.nextCursor === undefined || window === undefined) return undefined;
	return { cursor: last.nextCursor, from: window.fromMs, to: window.toMs };
};
