import { countAnswer, countRequest, searchRequest, spansAnswer, tracesAnswer } from '../../schema/api.ts';
import type { CountAnswer, SpansAnswer, TracesAnswer } from '../../schema/api.ts';
import type { Page, SearchReader } from '../store/reader-types.ts';
import { compiledQuery, readQuery } from './compiled-query.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';

/** Traces, spans and counts for a query in the search language. */
export function searchRoutes(search: SearchReader, clock: () => number): Route[] {
	return [
		route({
			path: '/traces',
			role: 'viewer',
			summary: 'Traces with at least one span that matches, one page at a time',
			query: searchRequest,
			answer: tracesAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const found = await search.traces(scope, compiledQuery(readQuery(query.q)), pageOf(query));
				return c.json<TracesAnswer>({ window: scope.window, ...found });
			},
		}),
		route({
			path: '/spans',
			role: 'viewer',
			summary: 'Spans that match, one page at a time',
			query: searchRequest,
			answer: spansAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const found = await search.spans(scope, compiledQuery(readQuery(query.q)), pageOf(query));
				return c.json<SpansAnswer>({ window: scope.window, ...found });
			},
		}),
		route({
			path: '/count',
			role: 'viewer',
			summary: 'How many spans match, in how many traces',
			query: countRequest,
			answer: countAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				return c.json<CountAnswer>({
					window: scope.window,
					...(await search.count(scope, compiledQuery(readQuery(query.q)))),
				});
			},
		}),
	];
}

function pageOf(query: { sort: Page['sort']; limit: number; cursor?: string | undefined }): Page {
	return { sort: query.sort, limit: query.limit, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) };
}
