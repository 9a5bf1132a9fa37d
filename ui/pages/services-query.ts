import { choiceParameter, sortParameter, textParameter } from '../lib/query-state.ts';

const SERVICE_SORTS = ['impact', 'service', 'rate', 'errors', 'p50', 'p95', 'p99', 'apdex'] as const;
export type ServiceSort = (typeof SERVICE_SORTS)[number];

export const SERVICE_GROUPS = ['none', 'ns', 'env'] as const;
/** Empty: Apdex is not asked for. */
export const APDEX_THRESHOLDS = ['', '50ms', '100ms', '250ms', '500ms', '1s', '2s', '5s'] as const;

export const servicesListQuery = {
	sort: sortParameter(SERVICE_SORTS, '-impact'),
	f: textParameter(),
	/** Which spans count: those that enter a service, or all of them. */
	kind: choiceParameter(['entry', 'all'], 'entry'),
	group: choiceParameter(SERVICE_GROUPS, 'none'),
	apdex: choiceParameter(APDEX_THRESHOLDS, ''),
};
