import type { ObjectiveDetail, ObjectivesAnswer, ProposalsAnswer } from '../../../schema/api-objectives.ts';
import type { SeriesAnswer } from '../../../schema/api-measures.ts';
import type { AppParts } from '../../lib/app.ts';
import { polledRead } from '../alerts/alert-requests.ts';

export const objectivesRead = (app: AppParts) => polledRead<ObjectivesAnswer>(app, '/slos');
export const objectiveRead = (app: AppParts, name: string) =>
	polledRead<ObjectiveDetail>(app, `/slos/${encodeURIComponent(name)}`);

export const proposalsRead = ({ api }: AppParts) => ({
	queryKey: ['/slos/proposals'] as const,
	queryFn: ({ signal }: { signal: AbortSignal }) => api.get<ProposalsAnswer>('/slo-proposals', {}, signal),
	staleTime: 300_000,
});

/** How many events a query finds, step by step over the past; `step` as a duration. */
export const countsRead = ({ api }: AppParts, query: string, spans: 'entry' | 'all', past: string, step: string) => ({
	queryKey: ['/series', query, spans, past, step] as const,
	queryFn: async ({ signal }: { signal: AbortSignal }): Promise<SeriesAnswer> => {
		const json = { query, spans, measure: 'count', step, from: `now-${past}`, to: 'now' };
		return (await (await api.request('/series', { method: 'POST', json, signal })).json()) as SeriesAnswer;
	},
	staleTime: 60_000,
});
