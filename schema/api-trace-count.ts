/** How many spans of a trace are stored by now. */
import { z } from 'zod';
import { count } from './api.ts';

const edge = z.coerce.number().int().nonnegative();
export const traceCountRequest = z.object({
	from: edge.meta({ description: 'Unix ms: spans that ended then or later' }),
	to: edge.meta({ description: 'Unix ms: and before this' }),
	project: z.string().optional(),
});
export const traceCountAnswer = z.object({
	spans: count.meta({ description: 'Each once, however often it was sent' }),
});
export type TraceCountAnswer = z.infer<typeof traceCountAnswer>;
