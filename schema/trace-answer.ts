import { z } from 'zod';
import { partialSchema } from './api.ts';
import { SPAN_KINDS, SPAN_TYPES } from './span.ts';
import { SPAN_FLAGS } from './trace-columns.ts';
import type { Trace } from './trace-columns.ts';

const count = z.number().int().nonnegative();
const counts = z.array(count);
const nanos = z.array(z.number());
const booleans = z.array(z.boolean());

/**
 * A trace as columns, for programs: entry i of every array under `spans` is the i-th span, a parent before its children,
 * siblings by start. Times are nanoseconds after `startUnixNano`.
 */
export const traceAnswer = z.object({
	traceId: z.string().regex(/^[0-9a-f]{32}$/),
	startUnixNano: z
		.string()
		.regex(/^\d+$/)
		.meta({ description: 'Earliest start, nanoseconds since the epoch, decimal' }),
	spanCount: count,
	services: z
		.array(z.string())
		.meta({ description: '`namespace/name`, or the bare name where the namespace is empty' }),
	names: z.array(z.string()),
	spans: z.object({
		spanId: z.array(z.string().regex(/^[0-9a-f]{16}$/)),
		parentRow: z.array(z.number().int().min(-1)).meta({ description: '-1 for roots' }),
		endRow: counts.meta({ description: 'One past the last row of the subtree' }),
		depth: counts,
		startNano: nanos.meta({ description: 'After `startUnixNano`, with clock skew adjusted' }),
		durationNano: nanos,
		selfNano: nanos.meta({ description: 'Time in which no child ran' }),
		service: counts.meta({ description: 'Index into `services`' }),
		name: counts.meta({ description: 'Index into `names`' }),
		operation: counts.meta({ description: 'Index into `names`: what the span does, by its attributes' }),
		kind: z.array(z.enum(SPAN_KINDS)),
		type: z.array(z.enum(SPAN_TYPES)),
		httpStatus: counts.meta({ description: '0 where absent' }),
		events: counts,
		links: counts,
		error: booleans,
		critical: booleans.meta({ description: 'On the critical path' }),
		orphan: booleans.meta({ description: 'Its parent is not among the spans' }),
		skewAdjusted: booleans.meta({ description: 'Its start was moved so that it fits inside its parent' }),
	}),
	criticalPath: z
		.array(z.object({ row: count, fromNano: z.number(), toNano: z.number() }))
		.meta({ description: 'From the end backwards: who kept everybody waiting, from when to when' }),
	warnings: z.object({ missingParents: count, loopsCut: count, skewAdjusted: count, duplicatesRemoved: count }),
	partial: partialSchema.optional(),
});
export type TraceAnswer = z.infer<typeof traceAnswer>;

/** The same as the binary form, in JSON. */
export function traceJson(traceId: string, trace: Trace): TraceAnswer {
	const having = (flag: number): boolean[] => Array.from(trace.flags, (flags) => (flags & flag) !== 0);
	return {
		traceId,
		startUnixNano: String(trace.baseUnixNano),
		spanCount: trace.count,
		services: trace.services,
		names: trace.names,
		spans: {
			spanId: Array.from(trace.id, (id) => id.toString(16).padStart(16, '0')),
			parentRow: [...trace.parent],
			endRow: [...trace.end],
			depth: [...trace.depth],
			startNano: [...trace.start],
			durationNano: [...trace.duration],
			selfNano: [...trace.self],
			service: [...trace.service],
			name: [...trace.name],
			operation: [...trace.operation],
			kind: Array.from(trace.kind, (kind) => SPAN_KINDS[kind] ?? 'unspecified'),
			type: Array.from(trace.type, (type) => SPAN_TYPES[type] ?? 'custom'),
			httpStatus: [...trace.httpStatus],
			events: [...trace.events],
			links: [...trace.links],
			error: having(SPAN_FLAGS.error),
			critical: having(SPAN_FLAGS.critical),
			orphan: having(SPAN_FLAGS.orphan),
			skewAdjusted: having(SPAN_FLAGS.skewAdjusted),
		},
		criticalPath: Array.from(trace.pathRow, (row, index) => ({
			row,
			fromNano: trace.pathFrom[index] ?? 0,
			toNano: trace.pathTo[index] ?? 0,
		})),
		warnings: trace.warnings,
		...(trace.truncated && {
			partial: { reason: 'more spans than one answer carries', seen: trace.count, of: trace.total },
		}),
	};
}
