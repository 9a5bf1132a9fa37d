/** What a follower of new traces is told, as server-sent events. See api.ts. */
import { z } from 'zod';
import { count, traceSummarySchema } from './api.ts';
import type { Problem } from './api.ts';

export const liveRequest = z.object({
	q: z.string().max(4096).default('').meta({ description: 'In the search language' }),
	env: z.string().optional().meta({ description: 'Environment' }),
	project: z.string().optional(),
});

/** Data of the event `traces`. */
export const liveTraces = z.object({
	traces: z
		.array(traceSummarySchema)
		.meta({ description: 'New ones, and those that have got more spans since they were told: newest first' }),
	more: count.meta({ description: 'So many more were new at that moment, and are left out' }),
});
export type LiveTraces = z.infer<typeof liveTraces>;

/** Data of the event `trouble`: what was new could not be looked for; it is tried again. */
export type LiveTrouble = Pick<Problem, 'code' | 'detail'>;

export const liveAnswer = z.string().meta({
	description:
		'`ready` once everything later will be told, `traces` with JSON as in LiveTraces, `trouble` with `code` and `detail`',
});
