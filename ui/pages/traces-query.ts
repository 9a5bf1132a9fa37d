import { choiceParameter, textParameter } from '../lib/query-state.ts';
import type { Sort, TracesAnswer } from '../../schema/api.ts';

/** By end, by length. The server knows more; these are the ones that a reader asks for. */
export const TRACE_SORTS = ['-end', 'end', '-duration', 'duration'] as const satisfies readonly Sort[];

export const tracesQuery = { q: textParameter(), sort: choiceParameter(TRACE_SORTS, '-end') };

/** Where a page of results starts: nowhere for the first, a cursor within the first one's window for the others. */
export interface PagePlace {
	[name: string]: string | number | undefined;
	cursor?: string;
	from?: number;
	to?: number;
}

/** Later pages keep the ends of the first: a window that ends now would move under the cursor. */
export const nextPage = (last: TracesAnswer, pages: readonly TracesAnswer[]): PagePlace | undefined => {
	const window = pages[0]?.window;
	if (last.nextCursor === undefined || window === undefined) return undefined;
	return { cursor: last.nextCursor, from: window.fromMs, to: window.toMs };
};
