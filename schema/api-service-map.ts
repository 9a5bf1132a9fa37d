/** Request and answer of the service map and of what a service depends on. */
import { z } from 'zod';
import { partialSchema, scopeParameters, windowSchema } from './api.ts';
import { EDGE_TYPES, NODE_TYPES } from './service-map.ts';

const nano = z.number().nonnegative();
const amount = z.number().nonnegative();
const quantiles = { p50Nano: nano.nullable(), p95Nano: nano.nullable(), p99Nano: nano.nullable() };

export const serviceMapRequest = scopeParameters.extend({
	focus: z.string().max(1024).optional().meta({ description: 'Id of a node: only it and what is near' }),
	q: z.string().max(4096).optional().meta({
		description: 'In the search language: the map of the traces that have a span which matches in the window',
	}),
	hops: z.coerce.number().int().min(1).max(6).default(1).meta({ description: 'How near, in edges of any direction' }),
});
export const dependenciesRequest = scopeParameters.extend({ service: z.string().max(1024) });

export const mapNodeSchema = z.object({
	id: z.string().meta({ description: '`type:name`' }),
	type: z.enum(NODE_TYPES),
	name: z
		.string()
		.meta({ description: 'Of a service `namespace/name`. Empty where a call does not say whom it goes to' }),
	namespace: z.string().meta({ description: 'Of a service; empty where it has none' }),
	requests: amount.meta({ description: 'Of a service its entry spans; of what has no spans, the calls of it' }),
	errors: amount,
	...quantiles,
});
export type ServiceMapNode = z.infer<typeof mapNodeSchema>;

export const mapEdgeSchema = z.object({
	caller: z.string().meta({ description: 'Id of a node' }),
	callee: z.string(),
	type: z.enum(EDGE_TYPES),
	calls: amount,
	errors: amount,
	...quantiles,
	totalNano: nano,
	unanswered: amount.meta({ description: 'Of the calls of a service, those that no span of it answers' }),
	via: z.array(z.string()).meta({ description: 'Between two services, the queues that messages went through' }),
	query: z.string().meta({
		description: 'Finds the spans that are counted, all but the unanswered; empty where no search says it',
	}),
});
export type ServiceMapEdge = z.infer<typeof mapEdgeSchema>;

const wholeMinutes = windowSchema.meta({ description: 'Half-open, widened to whole minutes' });
export const serviceMapAnswer = z.object({
	window: wholeMinutes,
	nodes: z.array(mapNodeSchema),
	edges: z.array(mapEdgeSchema).meta({ description: 'Most called first' }),
	traces: z.number().int().nonnegative().optional().meta({ description: 'That match `q`' }),
	partial: partialSchema.optional(),
});
export type ServiceMapAnswer = z.infer<typeof serviceMapAnswer>;

export const dependenciesAnswer = z.object({
	window: wholeMinutes,
	upstream: z.array(mapEdgeSchema).meta({ description: 'Who calls the service' }),
	downstream: z.array(mapEdgeSchema).meta({ description: 'What the service calls' }),
	partial: partialSchema.optional(),
});
export type DependenciesAnswer = z.infer<typeof dependenciesAnswer>;
