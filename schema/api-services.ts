/** Request and answer of what runs a service. See api.ts. */
import { z } from 'zod';
import { epochMs, operationSchema, operationsRequest, partialSchema, redSchema, windowSchema } from './api.ts';

export const instancesRequest = operationsRequest.extend({});

const instanceSchema = redSchema.extend({
	instance: z.string().meta({ description: '`service.instance.id`; empty where it was not sent' }),
	environment: z.string(),
	version: z.string().meta({ description: 'The newest it ran' }),
	firstSeenMs: z.number().int().meta({ description: 'In the window' }),
	lastSeenMs: z.number().int(),
	totalNano: z.number().nonnegative(),
});
export type Instance = z.infer<typeof instanceSchema>;

export const instancesAnswer = z.object({
	window: windowSchema,
	instances: z.array(instanceSchema).meta({ description: 'Entry spans by instance, most requests first' }),
	partial: partialSchema.optional(),
});
export type InstancesAnswer = z.infer<typeof instancesAnswer>;

export const operationSightsRequest = operationsRequest.omit({ compare: true });

const operationSightSchema = operationSchema
	.pick({ operation: true, kind: true, type: true })
	.extend({ firstSeenMs: epochMs, lastSeenMs: epochMs });
export type OperationSight = z.infer<typeof operationSightSchema>;

export const operationSightsAnswer = z.object({
	operations: z.array(operationSightSchema).meta({ description: 'Those seen last first, as far as counts are kept' }),
	partial: partialSchema.optional(),
});
export type OperationSightsAnswer = z.infer<typeof operationSightsAnswer>;
