import { brushParameter } from '../traces-query.ts';
import { VERSION_MEASURES } from '../explore/version-measures.ts';
import { choiceParameter, flagParameter, sortParameter, textParameter } from '../../lib/query-state.ts';
import type { QueryValues } from '../../lib/query-state.ts';

export const QUERY_SORTS = ['query', 'total', 'calls', 'errors', 'p50', 'p95', 'p99', 'rows', 'repeats'] as const;
export type QuerySort = (typeof QUERY_SORTS)[number];

/** `sys` and `svc` are asked of the server; `n1` and `f` narrow what came. */
export const databaseQuery = {
	sort: sortParameter(QUERY_SORTS, '-total'),
	sys: textParameter(),
	svc: textParameter(),
	n1: flagParameter(),
	f: textParameter(),
};

/** What narrows and sorts the list, wherever in an address it stands. */
export type QueriesView = QueryValues<typeof databaseQuery>;

/** `sys` and `ns` of the query, as in the list. */
export const databaseQueryQuery = {
	sys: textParameter(),
	ns: textParameter(),
	svc: textParameter(),
	/** One caller alone: see `callerKey`. */
	caller: textParameter(),
	/** What is selected on the heatmap. */
	brush: brushParameter,
	/** By which measure versions are told apart. */
	versions: choiceParameter(VERSION_MEASURES, 'p95'),
};
