import type { AppParts } from '../../lib/app.ts';
import type { Change, DeployAnswer } from '../../../schema/api-changes.ts';
import { deployPath } from './change-days.ts';

/** A deploy's first hour beside what it is compared with: read once, however many places show it. */
export function deployRead({ api }: AppParts, change: Pick<Change, 'service' | 'revision' | 'environment'>) {
	const path = deployPath(change);
	const query = { env: change.environment || undefined, hours: 1, parts: 'figures' };
	return {
		queryKey: [path, query] as const,
		queryFn: ({ signal }: { signal: AbortSignal }) => api.get<DeployAnswer>(path, query, signal),
	};
}
