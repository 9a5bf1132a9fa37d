import { countAnswer, countRequest, searchRequest, spansAnswer, spansRequest, tracesAnswer } from '../../schema/api.ts';
import type { CountAnswer, SpansAnswer, TracesAnswer } from '../../schema/api.ts';
import { readKeyList } from '../../schema/query-edit.ts';
import { planColumns } from '../analysis/column-plan.ts';
import { withinDurations } from '../analysis/duration-bounds.ts';
import type { DurationBounds } from '../analysis/duration-bounds.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import type { Page, SearchReader } from '../store/reader-types.ts';
import { ProblemError } from '../problem.ts';
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
				const found = await search.traces(scope, searched(query), pageOf(query));
				return c.json<TracesAnswer>({ window: scope.window, ...found });
			},
		}),
		route({
			path: '/spans',
			role: 'viewer',
			summary: 'Spans that match, one page at a time',
			query: spansRequest,
			answer: spansAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const found = await search.spans(scope, searched(query), { ...pageOf(query), ...columnsOf(query.columns) });
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
					...(await search.count(scope, searched(query))),
				});
			},
		}),
	];
}

const maxColumns = 12;

function columnsOf(list: string): Pick<Page, 'columns'> {
	if (list === '') return {};
	const keys = readKeyList(list);
	const plan = keys !== undefined && keys.length <= maxColumns ? planColumns(keys) : { uncountable: list };
	if ('values' in plan) return { columns: plan };
	const detail = `columns is ${JSON.stringify(list)}; expected at most ${maxColumns} keys that a span has one value of`;
	throw new ProblemError(400, 'BAD_KEYS', detail);
}

const searched = (query: DurationBounds & { q: string }): CompiledQuery =>
	withinDurations(compiledQuery(readQuery(query.q)), query);

function pageOf(query: { sort: Page['sort']; limit: number; cursor?: string | undefined }): Page {
	return { sort: query.sort, limit: query.limit, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) };
}
