import { traceCountAnswer, traceCountRequest } from '../../schema/api-trace-count.ts';
import type { TraceCountAnswer } from '../../schema/api-trace-count.ts';
import { ProblemError } from '../problem.ts';
import type { TraceCountReader } from '../store/search/trace-count-reader.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';
import { traceIdOf } from './traces.ts';

/** Who has a trace open asks for no more than this. */
const maxWindowMs = 7 * 24 * 3_600_000;

/** Whether more of a trace has come than somebody is looking at. */
export function traceCountRoutes(counts: TraceCountReader): Route[] {
	return [
		route({
			path: '/traces/{traceId}/count',
			role: 'viewer',
			summary:
				'How many spans of a trace, that ended in a window of at most 7 days, are stored; 0 when it is not known',
			query: traceCountRequest,
			answer: traceCountAnswer,
			handle: async (c, { from: fromMs, to: toMs, project }) => {
				if (fromMs >= toMs || toMs - fromMs > maxWindowMs)
					throw new ProblemError(400, 'BAD_WINDOW', 'from must be before to, by at most 7 days');
				const scope = { ...readScope(c, { project }), window: { fromMs, toMs } };
				return c.json<TraceCountAnswer>({ spans: await counts.spans(scope, traceIdOf(c)) });
			},
		}),
	];
}
