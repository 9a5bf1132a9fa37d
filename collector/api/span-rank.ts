import { spanRankAnswer } from '../../schema/api-span-rank.ts';
import type { SpanRankAnswer } from '../../schema/api-span-rank.ts';
import { traceRequest } from '../../schema/api.ts';
import type { TraceReader } from '../store/reader-types.ts';
import type { SpanRankReader } from '../store/counts/span-rank-reader.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';
import { spanIdOf, spanOf, traceIdOf } from './traces.ts';

const hourMs = 3_600_000;

/** How slow one span was among its kind. */
export function spanRankRoutes(traces: TraceReader, ranks: SpanRankReader): Route[] {
	return [
		route({
			path: '/traces/{traceId}/spans/{spanId}/rank',
			role: 'viewer',
			summary: 'How many requests of the same operation took less, in the hour before the span ended',
			query: traceRequest,
			answer: spanRankAnswer,
			handle: async (c, query) => {
				const scope = readScope(c, query);
				const span = await spanOf(traces, scope, traceIdOf(c), spanIdOf(c), query.at);
				const { service, namespace, environment, operation, kind, durationNano } = span;
				const toMs = Number(BigInt(span.endUnixNano) / 1_000_000n);
				const window = { fromMs: toMs - hourMs, toMs };
				const question = { service, namespace, operation, kind, durationNano };
				const { requests, spans, quicker } = await ranks.rank({ ...scope, window, environment }, question);
				const quickerRatio = requests === 0 ? null : Math.min(1, quicker / requests);
				return c.json<SpanRankAnswer>({ window, ...question, environment, requests, spans, quickerRatio });
			},
		}),
	];
}
