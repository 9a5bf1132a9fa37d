/** Request and answer of what is measured over the spans that a query finds. See api.ts. */
import { z } from 'zod';
import { scopeParameters, windowSchema } from './api.ts';

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
});
export type LatencyHistogramAnswer = z.infer<typeof latencyHistogramAnswer>;
