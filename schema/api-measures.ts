/** Request and answer of what is measured over the spans that a query finds. See api.ts. */
import { z } from 'zod';
import { MEASURE_PATTERN } from './alert.ts';
import { partial, scopeParameters, windowSchema } from './api.ts';

const query = z.string().max(4096).default('').meta({ description: 'In the search language' });
const step = z.string().optional().meta({ description: 'Duration such as `30s`; chosen from the window when absent' });

export const latencyHistogramRequest = scopeParameters.extend({ q: query, step });

const histogramPoint = z.object({
	tMs: z.number().int().meta({ description: 'Beginning of the step: a multiple of it since the epoch' }),
	buckets: z.array(z.number().int()).meta({
		description: 'Ascending. Bucket i holds durations in (2^(i/32), 2^((i+1)/32)] ns; -1 those up to 1 ns',
	}),
	requests: z.array(z.number().nonnegative()).meta({ description: 'In each of them, weighted by sampling' }),
	errors: z.array(z.number().nonnegative()).meta({ description: 'Those of the requests that failed' }),
});
export type HistogramPoint = z.infer<typeof histogramPoint>;

export const latencyHistogramAnswer = z.object({
	window: windowSchema,
	stepMs: z.number().int().positive(),
	scale: z.literal(5).meta({ description: 'Of the OpenTelemetry exponential histogram' }),
	points: z.array(histogramPoint).meta({ description: 'Every step that touches the window, empty ones too' }),
	partial,
});
export type LatencyHistogramAnswer = z.infer<typeof latencyHistogramAnswer>;

const timeText = z.union([z.string(), z.number().int()]).meta({ description: 'Unix milliseconds, `now` or `now-15m`' });

export const seriesBody = z.strictObject({
	query,
	spans: z.enum(['entry', 'all']).default('entry').meta({ description: 'Which spans count' }),
	measure: z
		.string()
		.regex(
			MEASURE_PATTERN,
			'expected p50 p75 p90 p95 p99 p99.9 errorPercent errorsPerSecond requestsPerSecond count or apdex(500ms)',
		),
	by: z.array(z.string().min(1).max(255)).max(3).default([]).meta({
		description:
			'Keys as the search language writes them: fields, or attributes of span or resource by any of their names',
	}),
	step,
	from: timeText.optional(),
	to: timeText.optional(),
	env: z.string().optional(),
	limit: z.number().int().min(1).max(100).default(10).meta({ description: 'Groups with most requests' }),
});
export type SeriesBody = z.infer<typeof seriesBody>;

const seriesPoint = z.object({
	tMs: z.number().int(),
	value: z.number().nullable().meta({ description: 'Null where nothing was counted' }),
});
const oneSeries = z.object({
	requests: z.number().nonnegative().meta({ description: 'Of the whole window, weighted by sampling' }),
	value: z.number().nullable().meta({ description: 'Over the whole window' }),
	points: z.array(seriesPoint),
});
export const seriesAnswer = z.object({
	window: windowSchema,
	stepMs: z.number().int().positive(),
	unit: z.enum(['nanoseconds', 'percent', 'perSecond', 'count', 'ratio']),
	series: z
		.array(
			oneSeries.extend({ group: z.record(z.string(), z.string()).meta({ description: 'Empty text: it has none' }) }),
		)
		.meta({ description: 'Most requests first' }),
	other: oneSeries.optional().meta({ description: 'All groups beyond the limit together' }),
	partial,
});
export type SeriesAnswer = z.infer<typeof seriesAnswer>;
