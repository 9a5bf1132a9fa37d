/** How a span's duration compares with those of its kind. */
import { z } from 'zod';
import { count, windowSchema } from './api.ts';
import { SPAN_KINDS } from './span.ts';

export const spanRankAnswer = z.object({
	window: windowSchema.meta({ description: 'The hour before the span ended' }),
	service: z.string(),
	namespace: z.string(),
	environment: z.string(),
	operation: z.string(),
	kind: z.enum(SPAN_KINDS),
	durationNano: z.number().nonnegative(),
	requests: z
		.number()
		.nonnegative()
		.meta({ description: 'Of that operation, kind and environment; weighted by sampling' }),
	spans: count.meta({ description: 'The same, as they are stored' }),
	quickerRatio: z
		.number()
		.min(0)
		.max(1)
		.nullable()
		.meta({ description: 'Share of the requests that took less, by buckets 2.2 % wide; null without requests' }),
});
export type SpanRankAnswer = z.infer<typeof spanRankAnswer>;
