/** Request and answer of the endpoints that show log records. */
import { z } from 'zod';
import { anyValueSchema, count, epochMs, keyValues, partial, spanId, traceRequest, unixNano } from './api.ts';

export const traceLogsRequest = traceRequest.extend({
	limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
	around: z
		.string()
		.regex(/^\d{1,19}$/)
		.optional()
		.meta({
			description: 'Nanoseconds since the epoch: the records nearest to that moment, where there are more than `limit`',
		}),
});

export const logRowSchema = z.object({
	timeUnixNano: unixNano.meta({ description: "The record's own time, else when it was observed; 0 when neither came" }),
	tMs: epochMs.meta({ description: 'Where it is kept: its time, or the receive time when that was out of range' }),
	spanId: z.union([spanId, z.literal('')]).meta({ description: 'Empty for a record of the trace alone' }),
	service: z.string(),
	namespace: z.string(),
	environment: z.string(),
	scope: z.string().meta({ description: 'Name of the logger' }),
	severity: z.number().int().min(0).max(24).meta({ description: "OTLP's number, 0 when it did not come" }),
	severityText: z.string(),
	eventName: z.string(),
	body: anyValueSchema.nullable(),
	exception: z
		.object({ type: z.string(), message: z.string(), stacktrace: z.string() })
		.nullable()
		.meta({ description: 'Not among the attributes then' }),
	attributes: keyValues,
	droppedAttributes: count,
	marks: z.array(z.string()).meta({ description: 'What the receiver changed or doubted' }),
});
export type LogRow = z.infer<typeof logRowSchema>;

export const traceLogsAnswer = z.object({
	logs: z.array(logRowSchema).meta({ description: 'By time, oldest first' }),
	truncated: z.boolean().meta({ description: 'There are more than `limit`' }),
	partial,
});
export type TraceLogsAnswer = z.infer<typeof traceLogsAnswer>;
