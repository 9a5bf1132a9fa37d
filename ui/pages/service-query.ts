import { choiceParameter, sortParameter, textParameter } from '../lib/query-state.ts';
import { databaseQuery } from './database/database-address.ts';
import { VERSION_MEASURES } from './explore/version-measures.ts';
import { EDGE_SORTS } from './edge-sorts.ts';
import { brushParameter } from './traces-query.ts';

const OPERATION_SORTS = ['operation', 'rate', 'errors', 'p50', 'p95', 'p99', 'total'] as const;
export type OperationSort = (typeof OPERATION_SORTS)[number];

/** What is listed below the charts. */
const SERVICE_TABS = ['ops', 'deps', 'db', 'instances'] as const;

/**
 * `op`: the operation whose charts are shown; absent, those of the whole service. What begins with `d` is of the
 * dependencies, with `q` of the database queries.
 */
export const serviceQuery = {
	op: textParameter(),
	sort: sortParameter(OPERATION_SORTS, '-total'),
	f: textParameter(),
	/** Latency as lines of quantiles, or beside them every request. */
	lat: choiceParameter(['lines', 'heat'], 'lines'),
	/** What is selected on the heatmap. */
	brush: brushParameter,
	/** By which measure versions are told apart; absent, they aren't. */
	versions: choiceParameter(['', ...VERSION_MEASURES], ''),
	tab: choiceParameter(SERVICE_TABS, 'ops'),
	dsort: sortParameter(EDGE_SORTS, '-total'),
	qsort: databaseQuery.sort,
	qsys: databaseQuery.sys,
	qn1: databaseQuery.n1,
	qf: databaseQuery.f,
};
