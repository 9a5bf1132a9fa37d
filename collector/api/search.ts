import { countAnswer, countRequest, searchRequest, spansAnswer, tracesAnswer } from '../../schema/api.ts';
import type { CountAnswer, SpansAnswer, TracesAnswer } from '../../schema/api.ts';
import { parseQuery } from '../../schema/query-language.ts';
import { compileQuery } from '../analysis/query-to-sql.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import { ProblemError } from '../problem.ts';
import type { Page, SearchReader } from '../store/reader-types.ts';
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
				const found = await search.traces(scope, compile(query.q), pageOf(query));
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
				const found = await search.spans(scope, compile(query.q), pageOf(query));
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
				return c.json<CountAnswer>({ window: scope.window, ...(await search.count(scope, compile(query.q))) });
			},
		}),
	];
}

function pageOf(query: { sort: Page['sort']; limit: number; cursor?: string | undefined }): Page {
	return { sort: query.sort, limit: query.limit, ...(query.cursor === undefined ? {} : { cursor: query.cursor }) };
}

function compile(q: string): CompiledQuery {
	const parsed = parseQuery(q);
	if (parsed.kind === 'error') {
		throw new ProblemError(400, 'BAD_QUERY', parsed.message, { position: parsed.position, expected: parsed.expected });
	}
	const compiled = compileQuery(parsed.query);
	if ('kind' in compiled)
		throw new ProblemError(400, 'UNSUPPORTED_QUERY', compiled.message, { position: compiled.position });
	return compiled;
}
