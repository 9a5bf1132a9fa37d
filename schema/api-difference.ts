/** `POST /difference`: what tells some spans of a query from the rest of it. */
import { z } from 'zod';
import { partialSchema, windowSchema } from './api.ts';

const count = z.number().int().nonnegative();
const ratio = z.number().min(0).max(1);
const timeText = z.union([z.string(), z.number().int()]).meta({ description: 'Unix milliseconds, `now` or `now-15m`' });

/** A rectangle on the heatmap: ends of spans, half-open, and durations, both inclusive. */
export const brushSchema = z.strictObject({
	fromMs: z.number().int().optional(),
	toMs: z.number().int().optional(),
	minNano: z.number().nonnegative().optional(),
	maxNano: z.number().nonnegative().optional(),
});
export type Brush = z.infer<typeof brushSchema>;

export const differenceBody = z.strictObject({
	query: z.string().max(4096).default('').meta({ description: 'In the search language; empty is every span' }),
	selection: brushSchema
		.extend({ query: z.string().max(4096).optional() })
		.meta({ description: 'Which of these spans are meant: a query, a stretch of time, of duration, or all of it' }),
	from: timeText.optional(),
	to: timeText.optional(),
	against: windowSchema.optional().meta({
		description:
			'Another window: what of it the query finds is the rest, in place of what is not selected. It must not overlap with from–to',
	}),
	env: z.string().optional(),
});
export type DifferenceBody = z.infer<typeof differenceBody>;

const sides = {
	key: z.string().meta({ description: 'As the search language writes it' }),
	scope: z.enum(['field', 'span', 'resource']),
	selected: count.meta({ description: 'Of the selected spans, how many have it' }),
	rest: count,
	selectedRatio: ratio.meta({ description: 'Of all selected spans' }),
	restRatio: ratio,
	score: z.number().min(-1).max(1),
	leastScore: ratio.meta({ description: 'How far from 0 the score is at least, at 95 %; 0 where chance could do it' }),
};

/** One value: `score` is the difference of its shares. */
export const differingValueSchema = z.object({ ...sides, value: z.string() });
export type DifferingValue = z.infer<typeof differingValueSchema>;

/** One numeric attribute: `score` is the Kolmogorov–Smirnov distance, negative where the selected numbers are smaller. */
export const differingNumberSchema = z.object({
	...sides,
	unit: z.enum(['nano', 'number']),
	selectedMedian: z.number().nullable(),
	restMedian: z.number().nullable(),
	bins: z
		.array(z.object({ from: z.number(), to: z.number(), selected: count, rest: count }))
		.meta({ description: 'A coarse histogram of both, smallest numbers first' }),
});
export type DifferingNumber = z.infer<typeof differingNumberSchema>;

export const differenceAnswer = z.object({
	window: windowSchema,
	selected: count.meta({ description: 'Spans compared, on either side' }),
	rest: count,
	attributes: z.array(differingValueSchema).meta({ description: 'Ranked; a few values for each key' }),
	numbers: z.array(differingNumberSchema).meta({ description: 'Ranked' }),
	leftOut: z
		.array(z.object({ key: z.string(), reason: z.enum(['identifier', 'selection']) }))
		.meta({ description: 'Not ranked: nearly every value is another, or the selection asks for it' }),
	partial: partialSchema.optional(),
});
export type DifferenceAnswer = z.infer<typeof differenceAnswer>;
