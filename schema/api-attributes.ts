/** Keys and values of attributes: facets beside a search, completion while typing. */
import { z } from 'zod';
import { FACETS_AT_ONCE, KEYS_OF_A_DAY } from './facet-limits.ts';
import { partial, partialSchema, windowParameters, windowSchema } from './api.ts';

const count = z.number().int().nonnegative();

const scoped = windowParameters.extend({
	env: z.string().optional().meta({ description: 'Environment' }),
	project: z.string().optional(),
});

export const facetsRequest = scoped.extend({
	q: z.string().max(4096).default(''),
	keys: z
		.string()
		.max(2048)
		.meta({
			description: `At most ${FACETS_AT_ONCE} keys of the search language, parted by commas`,
			example: 'service,http.route',
		}),
	limit: z.coerce.number().int().min(1).max(200).default(10).meta({ description: 'Values of each' }),
	find: z.string().max(256).default('').meta({ description: 'Only values that hold this text, whatever the case' }),
});

const valueCount = z.object({ value: z.string(), spans: count });
export const facetSchema = z.object({
	key: z.string(),
	spans: count.meta({ description: 'That have the key' }),
	distinct: count.meta({ description: 'Different values' }),
	values: z.array(valueCount).meta({ description: 'Most frequent first' }),
});
export type Facet = z.infer<typeof facetSchema>;

export const facetsAnswer = z.object({
	window: windowSchema,
	facets: z
		.array(facetSchema)
		.meta({ description: 'In the order asked; each without the query’s own terms on its key' }),
	partial: partialSchema.optional(),
});
export type FacetsAnswer = z.infer<typeof facetsAnswer>;

const completionParameters = windowParameters.extend({
	prefix: z
		.string()
		.max(256)
		.default('')
		.meta({ description: 'Those that begin with it first, then those that hold it; case does not matter' }),
	limit: z.coerce.number().int().min(1).max(1000).default(50),
	env: z
		.string()
		.optional()
		.refine((name) => name === undefined, {
			message: 'expected no environment: keys and values are counted over all of them; /facets tells them apart',
		})
		.meta({ description: 'Refused: keys and values are counted over all environments. `/facets` tells them apart' }),
	project: z.string().optional(),
});
export const keysRequest = completionParameters;
export const valuesRequest = completionParameters;

export const ATTRIBUTE_TYPES = ['text', 'integer', 'number', 'boolean'] as const;
export const attributeKeySchema = z.object({
	key: z.string().meta({ description: 'As the search language writes it' }),
	scope: z.enum(['field', 'span', 'resource']),
	type: z.enum(ATTRIBUTE_TYPES).meta({ description: 'Of most of its values' }),
	spans: count,
});
export type AttributeKey = z.infer<typeof attributeKeySchema>;

const wholeHours = windowSchema.meta({ description: 'What was counted: whole hours around the window asked for' });
export const keysAnswer = z.object({
	window: wholeHours,
	keys: z.array(attributeKeySchema),
	others: count.meta({ description: `Attributes of spans under keys beyond the ${KEYS_OF_A_DAY} that a day lists` }),
	partial,
});
export type KeysAnswer = z.infer<typeof keysAnswer>;

export const valuesAnswer = z.object({
	window: wholeHours,
	values: z.array(valueCount),
	others: count.meta({ description: 'Spans whose value is too rare or too long to be kept by itself' }),
	partial,
});
export type ValuesAnswer = z.infer<typeof valuesAnswer>;
