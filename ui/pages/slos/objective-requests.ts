import type { FiringsAnswer } from '../../../schema/api-alerts.ts';
import type { ChangesAnswer } from '../../../schema/api-changes.ts';
import type { ObjectiveDetail, ObjectivesAnswer, ProposalsAnswer } from '../../../schema/api-objectives.ts';
import type { SeriesAnswer } from '../../../schema/api-measures.ts';
import type { AppParts } from '../../lib/app.ts';
import { polledRead } from '../alerts/alert-requests.ts';

export const objectivesRead = (app: AppParts) => polledRead<ObjectivesAnswer>(app, '/slos');
export const objectiveRead = (app: AppParts, name: string) =>
	polledRead<ObjectiveDetail>(app, `/slos/${encodeURIComponent(name)}`);

/** What changed, and what fired, in the window of an objective; of one service alone where there is but one. */
export const changesRead = (app: AppParts, { window, services }: ObjectiveDetail) =>
	polledRead<ChangesAnswer>(app, '/changes', {
		...textWindow(window),
		service: services.length === 1 ? services[0] : undefined,
	});
export const firedRead = (app: AppParts, { window, document }: ObjectiveDetail) =>
	polledRead<FiringsAnswer>(app, '/firings', { ...textWindow(window), alert: document.metadata.name, limit: '200' });

/** To whole minutes, so that what is asked stays the same while a screen is looked at. */
const textWindow = ({ fromMs, toMs }: ObjectiveDetail['window']) => ({
	from: String(Math.floor(fromMs / 60_000) * 60_000),
	to: String(Math.ceil(toMs / 60_000) * 60_000),
});

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
