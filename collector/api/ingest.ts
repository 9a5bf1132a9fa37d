import { ingestAnswer, ingestRequest } from '../../schema/api-ingest.ts';
import type { IngestAnswer } from '../../schema/api-ingest.ts';
import { isLimited } from '../access/principal.ts';
import type { IngestReader } from '../store/ingest-reader.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';

const windowMs = 86_400_000;

/** What the collector has counted since it started. */
export type IngestCounts = Pick<IngestAnswer, 'sinceMs' | 'rejections' | 'marks' | 'droppedAttributes' | 'disk'>;

export interface IngestSources {
	ingest: IngestReader;
	countIngest: () => IngestCounts;
	/** Unix milliseconds. */
	clock: () => number;
}

export function ingestRoutes({ ingest, countIngest, clock }: IngestSources): Route[] {
	return [
		route({
			path: '/ingest',
			role: 'viewer',
			summary: 'Who sent what in the last day and with which SDK, what was rejected, cut and dropped, and room on disk',
			query: ingestRequest,
			answer: ingestAnswer,
			handle: async (c, query) => {
				const toMs = clock();
				const window = { fromMs: toMs - windowMs, toMs };
				const { services, of } = await ingest.services({ ...readScope(c, query), window });
				const counts = countIngest();
				const partial = { reason: 'Those with the fewest spans are left out.', seen: services.length, of };
				return c.json<IngestAnswer>({
					window,
					services,
					...(of > services.length ? { partial } : {}),
					// What was refused has no project, and its samples are anybody's words.
					...(isLimited(c) ? { ...counts, rejections: [], marks: {}, droppedAttributes: 0 } : counts),
				});
			},
		}),
	];
}
