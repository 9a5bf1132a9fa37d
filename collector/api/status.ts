import { z } from 'zod';
import { statusAnswer, testSpanAnswer } from '../../schema/api-status.ts';
import type { StatusAnswer, TestSpanAnswer } from '../../schema/api-status.ts';
import { isLimited } from '../access/principal.ts';
import { ProblemError } from '../problem.ts';
import type { ReadScope, StatusReader } from '../store/reader-types.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';

/** What the collector knows of itself, apart from what is in the tables. */
export type CollectorStatus = Omit<StatusAnswer, 'spans' | 'retention'> & {
	retention: Omit<StatusAnswer['retention'], 'reachMs'>;
};

export interface StatusSources {
	status: StatusReader;
	/** Unix milliseconds. */
	clock: () => number;
	/** How long ClickHouse may take to say what it has; 3 s when absent. */
	statusWaitMs?: number;
	/** The collector's own state at this moment; limited, without what is counted over all projects. */
	describe(project: string, isLimited: boolean): CollectorStatus;
	/** Sends one span through the collector's own OTLP listener. */
	sendTestSpan(project: string): Promise<TestSpanAnswer>;
}

const projectQuery = z.object({ project: z.string().optional() });
const noSpans: StatusAnswer['spans'] = { rows: 0, bytesOnDisk: 0, oldestMs: null, newestMs: null };

interface Found {
	spans: StatusAnswer['spans'];
	/** Why it was not read. */
	reason?: string;
}

/** The page that tells why the store is away has to work while it is, while nobody knows it yet, and while it hangs. */
async function findSpans({ status, statusWaitMs = 3_000 }: StatusSources, scope: ReadScope): Promise<Found> {
	const timeout = AbortSignal.timeout(statusWaitMs);
	const signal = scope.signal === undefined ? timeout : AbortSignal.any([scope.signal, timeout]);
	try {
		return { spans: await status.spans({ ...scope, signal }) };
	} catch (error) {
		if (error instanceof ProblemError && error.status === 503) return { spans: noSpans, reason: error.message };
		if (scope.signal?.aborted === true || !timeout.aborted) throw error;
		return { spans: noSpans, reason: `ClickHouse did not answer within ${statusWaitMs} ms` };
	}
}

export function statusRoutes(sources: StatusSources): Route[] {
	return [
		route({
			path: '/status',
			role: 'viewer',
			summary: 'Version, store, ingest, endpoints, disk, retention and configuration; also while ClickHouse is away',
			query: projectQuery,
			answer: statusAnswer,
			handle: async (c, query) => {
				const scope = readScope(c, query);
				const describe = () => sources.describe(scope.project, isLimited(c));
				const found: Found = describe().store.ready ? await findSpans(sources, scope) : { spans: noSpans };
				const { store, retention, ...own } = describe();
				const { spans, reason } = found;
				const reachMs = spans.oldestMs === null ? null : Math.max(0, sources.clock() - spans.oldestMs);
				return c.json<StatusAnswer>({
					...own,
					store: reason === undefined ? store : { reason, ...store, ready: false },
					spans,
					retention: { ...retention, reachMs },
				});
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
