import type { DifferenceAnswer, DifferenceBody } from '../../schema/api-difference.ts';
import type { Api } from '../lib/api.ts';

/** Compares spans; no answer is asked for twice. */
export const differenceRead = (api: Api, json: DifferenceBody) => ({
	queryKey: ['/difference', json] as const,
	queryFn: async ({ signal }: { signal: AbortSignal }): Promise<DifferenceAnswer> =>
		(await api.request('/difference', { method: 'POST', json, signal })).json(),
});
