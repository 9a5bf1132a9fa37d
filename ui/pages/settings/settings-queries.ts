import type { IngestAnswer } from '../../../schema/api-ingest.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import type { StorageAnswer } from '../../../schema/api-storage.ts';
import type { AppParts } from '../../lib/app.ts';

const POLL_MS = 5_000;
const STORAGE_POLL_MS = 60_000;

function polled<Answer>({ api }: AppParts, path: string) {
	return {
		queryKey: [path],
		queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Answer>(path, {}, signal),
		refetchInterval: POLL_MS,
		staleTime: 0,
	};
}

/** What the collector says of itself, again every few seconds. */
export const statusQuery = (app: AppParts) => polled<StatusAnswer>(app, '/status');
/** Counting what takes room reads a sample of spans: not every few seconds. */
export const storageQuery = (app: AppParts) => ({
	...polled<StorageAnswer>(app, '/storage'),
	refetchInterval: STORAGE_POLL_MS,
});
export const ingestQuery = (app: AppParts) => polled<IngestAnswer>(app, '/ingest');
