import { choiceParameter, textParameter } from '../lib/query-state.ts';

const SERVICE_SORTS = ['impact', 'service', 'rate', 'errors', 'p50', 'p95', 'p99'] as const;
export type ServiceSort = (typeof SERVICE_SORTS)[number];

/** `-` sorts from the largest down. */
const SORTS = SERVICE_SORTS.flatMap((sort) => [`-${sort}`, sort] as const);

/** `kind`: which spans count, those that enter a service or all of them. */
export const servicesListQuery = {
	sort: choiceParameter(SORTS, '-impact'),
	f: textParameter(),
	kind: choiceParameter(['entry', 'all'], 'entry'),
};
