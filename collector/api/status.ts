import { z } from 'zod';
import { statusAnswer, testSpanAnswer } from '../../schema/api-status.ts';
import type { StatusAnswer, TestSpanAnswer } from '../../schema/api-status.ts';
import { isLimited } from '../access/principal.ts';
import { ProblemError } from '../problem.ts';
import type { StatusReader } from '../store/reader-types.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';

/** What the collector knows of itself, apart from what is in the tables. */
export type CollectorStatus = Omit<StatusAnswer, 'spans'>;

export interface StatusSources {
	status: StatusReader;
	/** The collector's own state at this moment; with a project, without what is counted over all of them. */
	describe(project?: string): CollectorStatus;
	/** Sends one span through the collector's own OTLP listener. */
	sendTestSpan(project: string): Promise<TestSpanAnswer>;
}

const projectQuery = z.object({ project: z.string().optional() });
const noSpans: StatusAnswer['spans'] = { rows: 0, bytesOnDisk: 0, oldestMs: null, newestMs: null };

function noSpansWhileAway(error: unknown): StatusAnswer['spans'] {
	if (error instanceof ProblemError && error.status === 503) return noSpans;
	throw error;
}

export function statusRoutes(sources: StatusSources): Route[] {
	return [
		route({
			path: '/status',
			role: 'viewer',
			summary: 'Version, store, ingest, endpoints and retention',
			query: projectQuery,
			answer: statusAnswer,
			handle: async (c, query) => {
				const scope = readScope(c, query);
				// The page that tells why the store is away has to work while it is, and while nobody knows it yet.
				const describe = () => sources.describe(isLimited(c) ? scope.project : undefined);
				const isReady = describe().store.ready;
				const spans = isReady ? await sources.status.spans(scope).catch(noSpansWhileAway) : noSpans;
				return c.json<StatusAnswer>({ ...describe(), spans });
			},
		}),
		route({
			method: 'post',
			path: '/test-span',
			role: 'editor',
			summary: 'Send one span through the OTLP listener, to tell a problem of the server from one of the application',
			query: projectQuery,
			answer: testSpanAnswer,
			handle: async (c, query) => c.json<TestSpanAnswer>(await sources.sendTestSpan(readScope(c, query).project)),
		}),
	];
}
