/** What is kept beyond the retention, and what is deleted before it. */
import { z } from 'zod';
import { count, epochMs, partialSchema, scopeParameters, traceId, traceSummarySchema, windowSchema } from './api.ts';

export const keepingRequest = z.object({ project: z.string().optional() });

export const pinsRequest = keepingRequest.extend({
	traceId: z
		.string()
		.regex(/^[0-9a-fA-F]{32}$/)
		.optional()
		.meta({ description: 'That trace alone, when it is pinned' }),
});

export const pinSchema = z.object({
	traceId,
	author: z.string(),
	pinnedMs: epochMs,
	trace: traceSummarySchema
		.nullable()
		.meta({ description: 'As it was copied last; null when nothing of it is stored' }),
});
export type Pin = z.infer<typeof pinSchema>;

export const pinsAnswer = z.object({
	pins: z.array(pinSchema).meta({ description: 'Newest first' }),
	limit: count.meta({ description: 'How many traces of a project may be pinned' }),
	bytesOnDisk: count.nullable().meta({
		description: 'Of the copies, all projects together; the disk limit includes them. Null for who reads some projects',
	}),
});
export type PinsAnswer = z.infer<typeof pinsAnswer>;

export const unpinnedAnswer = z.object({ traceId });
export type UnpinnedAnswer = z.infer<typeof unpinnedAnswer>;

export const deletionRequest = scopeParameters.extend({
	dryRun: z
		.enum(['true', 'false'])
		.default('false')
		.meta({ description: 'Count what would be deleted, and delete nothing' }),
});

export const deletionBody = z.union([
	z.strictObject({
		traceIds: z
			.array(z.string().regex(/^[0-9a-fA-F]{32}$/))
			.min(1)
			.max(1_000),
	}),
	z.strictObject({ q: z.string().min(1).max(4_096).meta({ description: 'Whole traces with a span that matches' }) }),
]);
export type DeletionBody = z.infer<typeof deletionBody>;

export const foundSchema = z.object({
	traces: count.meta({ description: 'Of which anything is stored' }),
	spans: count,
	logs: count,
	exceptions: count,
	findings: count.meta({ description: 'Traces noted with performance issues' }),
	pins: count,
});
export type Found = z.infer<typeof foundSchema>;

export const deletionSchema = z.object({
	id: z.string().nullable().meta({ description: 'For `/deletions/{id}`; null for a dry run' }),
	state: z.enum(['dry-run', 'waiting', 'running', 'done', 'failed']),
	detail: z.string().nullable().meta({ description: 'What it waits for, or why it failed last; it is tried again' }),
	author: z.string(),
	requestedMs: epochMs,
	doneMs: epochMs.nullable(),
	asked: z.object({
		traceIds: z.number().int().nullable(),
		q: z.string().nullable(),
		window: windowSchema.nullable(),
	}),
	found: foundSchema.nullable().meta({ description: 'Counted before the deletion; null until then' }),
	quarantine: z
		.object({ records: count, spans: count, unreadable: count })
		.nullable()
		.meta({ description: 'Records set aside that held one of the traces and were removed, and those nobody can read' }),
	remains: z
		.array(z.object({ where: z.string(), why: z.string() }))
		.meta({ description: 'What a deletion does not reach' }),
});
export type Deletion = z.infer<typeof deletionSchema>;

export const deletionsAnswer = z.object({
	deletions: z.array(deletionSchema).meta({ description: 'Newest first' }),
	partial: partialSchema.optional(),
});
export type DeletionsAnswer = z.infer<typeof deletionsAnswer>;
