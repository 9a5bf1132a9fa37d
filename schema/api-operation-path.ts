import { z } from 'zod';
import { comparedParameters, partial, windowSchema } from './api.ts';

/** Where the time of an operation goes: the critical paths of many of its spans, laid over each other. */

export const operationPathRequest = comparedParameters.extend({
	service: z.string().min(1).max(512),
	operation: z.string().max(2_048),
});

const count = z.number().int().nonnegative();
const nano = z.number().nonnegative();
const ratio = z.number().min(0).max(1.000_001);

const sampleSchema = z.object({
	traces: count.meta({ description: 'Critical paths that were laid over each other' }),
	of: count.meta({ description: 'Spans of the operation that have such a duration' }),
	fromNano: nano.meta({ description: 'The shortest duration that counts here' }),
	toNano: nano.meta({ description: 'The longest' }),
	meanNano: nano,
});
const groupSchema = z.object({
	now: sampleSchema,
	before: sampleSchema.meta({ description: 'The window that `compare` asks for' }),
	parts: z
		.array(
			z.object({
				service: z.string(),
				operation: z.string(),
				nano: nano.meta({ description: 'Of a trace, on average' }),
				ratio,
				beforeNano: nano,
				beforeRatio: ratio,
			}),
		)
		.meta({ description: 'The largest first; small ones are together under no name' }),
});
export type OperationPathGroup = z.infer<typeof groupSchema>;

export const operationPathAnswer = z.object({
	window: windowSchema,
	before: windowSchema,
	typical: groupSchema.meta({ description: 'Spans between the 40th and the 60th percentile of duration' }),
	slow: groupSchema.meta({ description: 'Spans from the 95th percentile on' }),
	partial,
});
export type OperationPathAnswer = z.infer<typeof operationPathAnswer>;
