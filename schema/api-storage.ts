/** How much is stored, of what, for how long, and what another retention would do: the answers behind Settings → Storage. */
import { z } from 'zod';
import { count, epochMs, partial, windowSchema } from './api.ts';

export const storageRequest = z.object({ project: z.string().optional() });

const durationMs = z.number().nonnegative();

export const storageTableSchema = z.object({
	table: z.string(),
	rows: count,
	bytesOnDisk: count,
	oldestMs: epochMs
		.nullable()
		.meta({ description: 'Of what the time to live goes by; null without rows or without one' }),
	keptMs: durationMs.nullable().meta({ description: 'As the table itself says; null where nothing is dropped by age' }),
});

const shareSchema = {
	bytesPerDay: z.number().nonnegative().meta({ description: 'Of what spans take on the disk now' }),
	ratio: z.number().min(0).max(1),
};

export const storageAnswer = z.object({
	partial,
	disk: z
		.object({
			maxBytes: count.meta({ description: 'Beyond it the oldest data is dropped' }),
			usedBytes: z.object({ store: count, pinned: count, spool: count, quarantine: count }).meta({
				description: 'The copies of pinned traces are part of the store',
			}),
			dropped: z
				.object({ stretches: count, rows: count, bytes: count, lastMs: epochMs.nullable(), upToMs: epochMs.nullable() })
				.meta({ description: 'For lack of room, since the start; spans that ended before `upToMs` are gone' }),
			refusal: z.string().nullable().meta({ description: 'Why senders are told to come back' }),
		})
		.nullable()
		.meta({ description: 'Null where ClickHouse runs elsewhere and keeps its own disk' }),
	retention: z.object({
		spansMs: durationMs.meta({ description: 'As configured' }),
		derivedMs: durationMs,
		reachMs: durationMs.nullable().meta({ description: 'How far back spans reach now' }),
		expectedReachMs: durationMs
			.nullable()
			.meta({ description: 'How far they will at this rate; null while none is known' }),
		limitedBy: z.enum(['retention', 'disk']),
		bytesPerDay: z.number().nonnegative().meta({ description: 'Spans and logs of the last day' }),
		derivedBytesPerDay: z.number().nonnegative(),
	}),
	tables: z.array(storageTableSchema).meta({ description: 'Largest first' }),
	sample: z
		.object({ window: windowSchema, spans: count, of: count })
		.nullable()
		.meta({ description: 'What `services` and `attributes` are estimated from: spans read of those in the window' }),
	services: z.array(z.object({ service: z.string(), namespace: z.string(), spans: count, ...shareSchema })),
	attributes: z
		.array(z.object({ key: z.string(), scope: z.enum(['span', 'event', 'link']), spans: count, ...shareSchema }))
		.meta({ description: 'Values of attributes, those that take most first' }),
});
export type StorageAnswer = z.infer<typeof storageAnswer>;

const duration = z
	.string()
	.regex(/^\d{1,6}[smhdw]$/, 'expected a whole number with one of the units s m h d w, such as 3d');
export const retentionRequest = z.object({
	spans: duration.optional().meta({ description: 'Another `--retention`' }),
	derived: duration.optional().meta({ description: 'Another `--rollup-retention`' }),
});

export const retentionAnswer = z.object({
	spansMs: durationMs,
	derivedMs: durationMs,
	dropped: z
		.array(z.object({ table: z.string(), rows: count, bytesOnDisk: count }))
		.meta({ description: 'What would be too old at once, in whole parts, as ClickHouse drops it' }),
	oldestSpanMs: epochMs.nullable().meta({ description: 'End of the oldest span that would be left' }),
	expectedBytes: z.number().nonnegative().meta({ description: 'What it comes to in time at the rate of the last day' }),
	fits: z.boolean().nullable().meta({ description: 'Within the limit of the disk; null where there is none' }),
});
export type RetentionAnswer = z.infer<typeof retentionAnswer>;
