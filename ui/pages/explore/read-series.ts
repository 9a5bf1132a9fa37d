import { createQuery, keepPreviousData } from '@tanstack/svelte-query';
import { LIVE_INTERVAL_MS } from '../../lib/queries.ts';
import { bodyOf } from './series-question.ts';
import type { AppParts } from '../../lib/app.ts';
import type { SeriesAnswer } from '../../../schema/api-measures.ts';
import type { SeriesQuestion } from './series-question.ts';

/** Follows the question, the time range, the environment and live. Call while a component starts. */
export function readSeries(
	{ api, time }: AppParts,
	question: () => SeriesQuestion,
	isWanted: () => boolean = () => true,
) {
	return createQuery(() => {
		const json = bodyOf(question(), time.parameters);
		return {
			queryKey: ['/series', json] as const,
			queryFn: async ({ signal }: { signal: AbortSignal }): Promise<SeriesAnswer> =>
				(await api.request('/series', { method: 'POST', json, signal })).json(),
			placeholderData: keepPreviousData,
			refetchInterval: time.isLive ? LIVE_INTERVAL_MS : (false as const),
			enabled: isWanted(),
		};
	});
}
export type SeriesRead = ReturnType<typeof readSeries>;
