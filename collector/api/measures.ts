import { latencyHistogramAnswer, latencyHistogramRequest } from '../../schema/api-measures.ts';
import type { LatencyHistogramAnswer } from '../../schema/api-measures.ts';
import { HISTOGRAM_SCALE } from '../../schema/histogram.ts';
import type { MeasuredQuery, MeasureReader } from '../store/reader-types.ts';
import { compiledQuery, readQuery } from './compiled-query.ts';
import { readStep } from './read-step.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';

const heatmapColumns = 120;

/** What is counted or measured over the spans that a query finds. */
export function measureRoutes(measures: MeasureReader, clock: () => number): Route[] {
	return [
		route({
			path: '/latency-histogram',
			role: 'viewer',
			summary: 'Durations of the spans that match, as an exponential histogram for each step',
			query: latencyHistogramRequest,
			answer: latencyHistogramAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const stepMs = readStep(query.step, scope.window.toMs - scope.window.fromMs, heatmapColumns);
				const points = await measures.latencyHistogram(scope, measured(query.q), stepMs);
				const { window } = scope;
				return c.json<LatencyHistogramAnswer>({ window, stepMs, scale: HISTOGRAM_SCALE, points });
			},
		}),
	];
}

function measured(q: string): MeasuredQuery {
	const query = readQuery(q);
	return { ...compiledQuery(query), query };
}
