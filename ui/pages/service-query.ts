import { choiceParameter, textParameter } from '../lib/query-state.ts';

const OPERATION_SORTS = ['operation', 'rate', 'errors', 'p50', 'p95', 'p99', 'total'] as const;
export type OperationSort = (typeof OPERATION_SORTS)[number];
const SORTS = OPERATION_SORTS.flatMap((sort) => [`-${sort}`, sort] as const);

/** What is listed below the charts. */
const SERVICE_TABS = ['ops', 'instances'] as const;

/** `op`: the operation whose charts are shown; absent, those of the whole service. */
export const serviceQuery = {
	op: textParameter(),
	sort: choiceParameter(SORTS, '-total'),
	f: textParameter(),
	tab: choiceParameter(SERVICE_TABS, 'ops'),
};
