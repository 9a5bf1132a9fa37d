/** What arrives, from whom, and what became of it: the answer behind Settings → Ingest. */
import { z } from 'zod';
import { count, epochMs, partialSchema, windowSchema } from './api.ts';

export const ingestRequest = z.object({ project: z.string().optional() });

export const ingestServiceSchema = z.object({
	service: z.string(),
	namespace: z.string(),
	spans: count.meta({ description: 'In the window' }),
	spansPerSecond: z.number().nonnegative().meta({ description: 'Over the last five minutes' }),
	lastSeenMs: epochMs.meta({ description: 'End of its newest span' }),
	sdks: z
		.array(z.object({ language: z.string(), name: z.string(), version: z.string() }))
		.meta({ description: 'telemetry.sdk.* of its resources, of today and yesterday; the first by name' }),
	sdksOf: count.meta({ description: 'How many of these there are' }),
	scopes: z.array(z.object({ name: z.string(), version: z.string(), spans: count })).meta({
		description: 'Instrumentation scopes of the quarter of an hour before the newest span; those with most spans first',
	}),
	scopesOf: count.meta({ description: 'How many of these there are' }),
});
export type IngestService = z.infer<typeof ingestServiceSchema>;

export const ingestAnswer = z.object({
	window: windowSchema,
	services: z.array(ingestServiceSchema).meta({ description: 'Most spans first' }),
	partial: partialSchema.optional(),
	sinceMs: epochMs.meta({ description: 'When the collector started: what follows is counted from there' }),
	rejections: z.array(
		z.object({
			signal: z.enum(['traces', 'metrics', 'logs']),
			reason: z.string(),
			count,
			lastMs: epochMs,
			sample: z.string().nullable().meta({ description: 'One of what was rejected, without its secrets' }),
		}),
	),
	marks: z
		.record(z.string(), count)
		.meta({ description: 'Spans by what the receiver changed or doubted; `cut` are those that passed a limit' }),
	droppedAttributes: count.meta({ description: 'Without a key, or beyond a limit' }),
	disk: z
		.object({ freeBytes: count, totalBytes: count })
		.nullable()
		.meta({ description: 'Where the data folder lies; null where that can not be asked' }),
});
export type IngestAnswer = z.infer<typeof ingestAnswer>;
