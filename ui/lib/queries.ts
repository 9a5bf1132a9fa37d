import { keepPreviousData } from '@tanstack/svelte-query';
import type { AppParts } from './app.ts';
import type { QueryParameters } from './api.ts';
import type { ServicesAnswer } from '../../schema/api.ts';

/** How often a live screen looks again. */
export const LIVE_INTERVAL_MS = 5000;

/**
 * Options of a read that follows the time range, the environment and live, for `createQuery`. What was shown before
 * stays until the new answer is there.
 */
export function windowQuery<Answer>(app: AppParts, path: string, more: QueryParameters = {}) {
	const query = { ...app.time.parameters, ...more };
	return {
		queryKey: [path, query] as const,
		queryFn: ({ signal }: { signal: AbortSignal }) =>
			app.reads.measure(path, () => app.api.get<Answer>(path, query, signal)),
		placeholderData: keepPreviousData,
		refetchInterval: app.time.isLive ? LIVE_INTERVAL_MS : (false as const),
	};
}

/** One read serves the list of services and the environments of every screen. */
export const servicesQuery = (app: AppParts) => windowQuery<ServicesAnswer>(app, '/services', app.time.compared);
