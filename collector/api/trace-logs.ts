import { traceLogsAnswer, traceLogsRequest } from '../../schema/api-logs.ts';
import type { TraceLogsAnswer } from '../../schema/api-logs.ts';
import type { LogReader } from '../store/reader-types.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';
import { traceIdOf } from './traces.ts';

/** What a trace logged. */
export function traceLogRoutes(logs: LogReader): Route[] {
	return [
		route({
			path: '/traces/{traceId}/logs',
			role: 'viewer',
			summary:
				'Log records that name the trace, the first or those around a moment, oldest first; none when it is not known',
			query: traceLogsRequest,
			answer: traceLogsAnswer,
			handle: async (c, query) => c.json<TraceLogsAnswer>(await logs.ofTrace(readScope(c, query), traceIdOf(c), query)),
		}),
	];
}
