import { z } from 'zod';
import {
	latencyHistogramAnswer,
	latencyHistogramRequest,
	seriesAnswer,
	seriesBody,
} from '../../schema/api-measures.ts';
import type { LatencyHistogramAnswer, SeriesAnswer, SeriesBody } from '../../schema/api-measures.ts';
import { groupingKey, hasOneValue } from '../../schema/grouping-key.ts';
import { HISTOGRAM_SCALE } from '../../schema/histogram.ts';
import { groupingColumns } from '../analysis/column-plan.ts';
import type { ColumnPlan } from '../analysis/column-plan.ts';
import type { MeasuredQuery, MeasureReader } from '../store/reader-types.ts';
import type { SeriesReader } from '../store/counts/series-reader.ts';
import { ProblemError } from '../problem.ts';
import { compiledQuery, readQuery } from './compiled-query.ts';
import { readStep } from './read-step.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';

const heatmapColumns = 120;
const seriesPoints = 60;

/** What is counted or measured over the spans that a query finds. */
export function measureRoutes(measures: MeasureReader, series: SeriesReader, clock: () => number): Route[] {
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
				const found = await measures.latencyHistogram(scope, measured(query.q), stepMs);
				const { window } = scope;
				return c.json<LatencyHistogramAnswer>({ window, stepMs, scale: HISTOGRAM_SCALE, ...found });
			},
		}),
		route({
			method: 'post',
			path: '/series',
			role: 'viewer',
			summary: 'Any measure over time, by any fields and attributes',
			query: z.object({ project: z.string().optional() }),
			body: seriesBody,
			answer: seriesAnswer,
			handle: async (c, query, body: SeriesBody) => {
				const scope = windowScope(c, { ...query, ...windowOf(body) }, clock());
				const { window } = scope;
				const stepMs = readStep(body.step, window.toMs - window.fromMs, seriesPoints);
				const by = checkedGrouping(body.by);
				const { spans, measure, limit } = body;
				const found = await series.series(scope, { query: measured(body.query), spans, measure, by, stepMs, limit });
				return c.json<SeriesAnswer>({
					window,
					stepMs,
					unit: found.unit,
					series: found.groups.map(({ values, ...drawn }) => ({
						group: Object.fromEntries(body.by.map((key, i) => [key, values[i] ?? ''])),
						...drawn,
					})),
					...(found.other === undefined ? {} : { other: found.other }),
					...(found.partial === undefined ? {} : { partial: found.partial }),
				});
			},
		}),
	];
}

const windowOf = ({ from, to, env }: SeriesBody) => ({
	...(from === undefined ? {} : { from: String(from) }),
	...(to === undefined ? {} : { to: String(to) }),
	...(env === undefined ? {} : { env }),
});

function checkedGrouping(by: readonly string[]): ColumnPlan {
	const wrong = by.find((text) => !hasOneValue(groupingKey(text)));
	if (wrong === undefined) return groupingColumns(by);
	throw new ProblemError(400, 'BAD_KEYS', `${wrong} has no single value on a span, so nothing can be grouped by it`);
}

function measured(q: string): MeasuredQuery {
	const query = readQuery(q);
	return { ...compiledQuery(query), query };
}
