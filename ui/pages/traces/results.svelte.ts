import { createInfiniteQuery } from '@tanstack/svelte-query';
import type { InfiniteData } from '@tanstack/svelte-query';
import { nextPage } from '../traces-query.ts';
import type { AppParts } from '../../lib/app.ts';
import type { PagePlace } from '../traces-query.ts';
import type { SpansAnswer, TracesAnswer } from '../../../schema/api.ts';
import type { SearchState } from './search-state.ts';

const PAGE = 50;
const noPlace: PagePlace = {};
type Page = TracesAnswer | SpansAnswer;

/** The list of a search, page by page: traces or spans, whichever is shown. */
export function createResults({ api }: AppParts, search: SearchState, refetchMs: () => number | false) {
	return createInfiniteQuery(() => {
		const { view, sort, cols } = search.view;
		const query = { ...search.listed, sort, limit: PAGE, ...(view === 'spans' ? { columns: cols } : {}) };
		return {
			queryKey: [`/${view}`, query],
			queryFn: ({ pageParam, signal }: { pageParam: PagePlace; signal: AbortSignal }) =>
				api.get<Page>(`/${view}`, { ...query, ...pageParam }, signal),
			enabled: search.isReadable,
			initialPageParam: noPlace,
			getNextPageParam: nextPage,
			// Rows of another kind would stand under the wrong headings.
			placeholderData: (before: InfiniteData<Page, PagePlace> | undefined, query?: { queryKey: readonly unknown[] }) =>
				query?.queryKey[0] === `/${view}` ? before : undefined,
			refetchInterval: refetchMs(),
		};
	});
}
export type Results = ReturnType<typeof createResults>;
