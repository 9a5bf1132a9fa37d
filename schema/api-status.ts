/** What the collector says of itself, and the span with which it tries its own listener. */
import { z } from 'zod';
import { sourceSchema } from './api-config.ts';
import { count, epochMs, partial, traceId } from './api.ts';

export const statusAnswer = z.object({
	version: z.string(),
	partial,
	store: z.object({
		kind: z.enum(['embedded', 'remote']),
		ready: z.boolean(),
		reason: z.string().optional(),
		version: z.string(),
	}),
	ingest: z.object({
		requests: count,
		spansReceived: count,
		spansStored: count,
		spansRejected: z.record(z.string(), count),
		logs: z
			.object({
				exceptions: count.meta({ description: 'Kept for their exception' }),
				correlated: count.meta({ description: 'Kept for their trace' }),
				rejected: z.record(z.string(), count).meta({ description: 'Not kept, by reason' }),
			})
			.meta({ description: 'Log records' }),
		lastRequestMs: epochMs.nullable(),
		lastAcceptedMs: epochMs.nullable(),
		lastService: z.string().nullable(),
		recentFailures: z.array(
			z.object({ tMs: epochMs, method: z.string(), path: z.string(), status: z.number().int(), detail: z.string() }),
		),
		redactions: z.array(z.object({ key: z.string(), rule: z.string(), count })).meta({
			description: 'Secrets taken out on the way in: where, by which rule and how often. Most frequent first',
		}),
	}),
	watermarkMs: epochMs.meta({ description: 'Everything acknowledged that was received before is in ClickHouse' }),
	spool: z
		.object({
			ack: z.enum(['spool', 'store', 'memory']).meta({ description: 'What a 2xx means' }),
			bytes: count,
			maxBytes: count,
			spans: count.meta({ description: 'Acknowledged, and not in ClickHouse yet' }),
			oldestAgeMs: z.number().nonnegative().nullable(),
			holdMs: z.number().nonnegative().meta({
				description: 'How long each answer to a sender is held back now, because ClickHouse is behind',
			}),
			postponedRequests: count.meta({
				description:
					'Of what waits: requests that ClickHouse lacks memory for, tried again while what follows is stored',
			}),
			postponedSpans: count,
			postponedFor: z.string().optional().meta({ description: 'What ClickHouse said of one of them' }),
			mostParts: count.nullable().meta({
				description: 'Active parts in the partition that has most; asked every ten seconds while something is stored',
			}),
			insertDistanceMs: z.number().nonnegative().meta({
				description: 'How far apart inserts are kept because parts are too many; 0 while they are not',
			}),
			insertsPaused: z.boolean().meta({ description: 'Nothing is inserted until parts are fewer' }),
			quarantinedSpans: count,
			refusedSpans: count,
			repeatedRequests: count.meta({ description: 'Retries of requests that had been taken' }),
			fillBytesPerSecond: count.meta({ description: 'Over the last half minute' }),
			drainBytesPerSecond: count.meta({ description: 'The same; 0 while ClickHouse takes nothing' }),
			fullInMs: z.number().nonnegative().nullable().meta({
				description: 'When requests will be refused at these rates; null while ClickHouse keeps up',
			}),
			storeFailure: z.string().optional().meta({ description: 'Why ClickHouse takes nothing' }),
		})
		.meta({ description: 'Between the answer and ClickHouse' }),
	logSpool: z
		.object({
			bytes: count,
			maxBytes: count,
			records: count.meta({ description: 'Acknowledged, and not in ClickHouse yet' }),
			storedRecords: count,
			postponedRecords: count,
			quarantinedRecords: count,
			refusedRecords: count,
		})
		.meta({ description: 'The same for log records' }),
	derived: z
		.object({
			spansWaiting: count.meta({ description: 'Stored, and not in every rollup yet; answers count them from spans' }),
			lagMs: z.number().nonnegative().meta({
				description: 'For how long the oldest has waited; since the start for those that an earlier run stored',
			}),
			failure: z.string().nullable().meta({ description: 'Why the last attempt failed' }),
		})
		.meta({ description: 'Rollups: what is counted from spans once they are stored' }),
	/** URLs, and `host:port` for gRPC. */
	endpoints: z.object({ otlpHttp: z.string(), otlpGrpc: z.string(), ui: z.string(), zipkin: z.string().optional() }),
	spans: z.object({ rows: count, bytesOnDisk: count, oldestMs: epochMs.nullable(), newestMs: epochMs.nullable() }),
	disk: z
		.object({
			maxBytes: count.nullable().meta({
				description:
					'Beyond it the oldest data is dropped; null where ClickHouse runs elsewhere and keeps its own disk',
			}),
			usedBytes: count.nullable().meta({ description: 'Of that' }),
			freeBytes: count
				.nullable()
				.meta({ description: 'Where the data folder lies; null where the system does not say' }),
			totalBytes: count.nullable(),
		})
		.meta({ description: 'The first two are told to who may read all projects' }),
	retention: z.object({
		configured: z.string(),
		reachMs: z.number().nonnegative().nullable().meta({
			description: 'How far back spans of the project reach now; null without any, or while ClickHouse is away',
		}),
		expectedReachMs: z.number().nonnegative().nullable().meta({
			description: 'How far spans will reach at this rate; null while that is not known',
		}),
		limitedBy: z.enum(['retention', 'disk']).nullable().meta({
			description: 'What decides that. Null while it is not known, and for who may not read all projects',
		}),
	}),
	configuration: z
		.array(
			z.object({
				source: z.string(),
				state: sourceSchema.shape.state,
				revision: z.string().nullable().meta({ description: 'In force; null before the first' }),
				appliedMs: epochMs.nullable(),
				newestRevision: z.string().nullable().meta({ description: 'That was read' }),
			}),
		)
		.meta({ description: 'Sources of the project’s documents: see `/config`' }),
});
export type StatusAnswer = z.infer<typeof statusAnswer>;

export const testSpanAnswer = z.object({ traceId, endMs: epochMs });
export type TestSpanAnswer = z.infer<typeof testSpanAnswer>;
