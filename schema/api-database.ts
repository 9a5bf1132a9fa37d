/** Request and answer of the database hotspots. */
import { z } from 'zod';
import { comparedParameters, partialSchema, scopeParameters, windowSchema } from './api.ts';

const nano = z.number().nonnegative();
const amount = z.number().nonnegative();
const count = z.number().int().nonnegative();
const quantiles = { p50Nano: nano.nullable(), p95Nano: nano.nullable(), p99Nano: nano.nullable() };
const fingerprint = z.string().regex(/^[0-9a-f]{16}$/);
const traceId = z.string().regex(/^[0-9a-f]{32}$/);
const spanId = z.string().regex(/^[0-9a-f]{16}$/);

export const queriesRequest = comparedParameters.extend({
	service: z.string().max(1024).optional().meta({ description: 'Calls of this service alone' }),
	system: z.string().max(256).optional().meta({ description: 'Calls of this database system alone' }),
});
export const queryRequest = scopeParameters.extend({
	service: z.string().max(1024).optional(),
	system: z.string().max(256).optional().meta({ description: 'Of the query, as in the list' }),
	namespace: z.string().max(1024).optional().meta({ description: 'Of the query, as in the list' }),
});

/** The same query again and again below one span. */
const repeatsSchema = z.object({
	parents: count.meta({ description: 'Spans with at least 5 calls of the query below them that take 50 ms' }),
	calls: amount.meta({ description: 'Calls below those, not weighted by sampling' }),
	mostRepeats: count.meta({ description: 'Most calls below one span' }),
	busyNano: nano.meta({ description: 'Time in which at least one of those calls ran' }),
});
export type QueryRepeats = z.infer<typeof repeatsSchema>;

const rowsSchema = z.object({
	calls: amount.meta({ description: 'Of which it is known, weighted by sampling' }),
	returned: amount.meta({ description: 'By those together' }),
	most: amount.meta({ description: 'By one call' }),
});
export type QueryRows = z.infer<typeof rowsSchema>;

const queryNumbers = {
	calls: amount.meta({ description: 'Weighted by sampling' }),
	errors: amount,
	totalNano: nano,
	...quantiles,
};

const queryBefore = z.object({ calls: amount, errors: amount, ...quantiles });
export type QueryBefore = z.infer<typeof queryBefore>;

export const queryGroupSchema = z.object({
	fingerprint: fingerprint.meta({ description: 'Of the query; where calls say none, of their operation' }),
	system: z.string(),
	namespace: z.string(),
	summary: z.string().meta({ description: 'Short name of the query' }),
	text: z.string().meta({ description: 'With ? for every value; empty where calls say none' }),
	...queryNumbers,
	before: queryBefore.meta({ description: 'The window that `compare` asks for' }),
	shareRatio: z.number().min(0).max(1).meta({ description: 'Of the time of all queries that were asked for' }),
	services: z.array(z.string()).meta({ description: 'No more than 100' }),
	servicesOf: count.meta({ description: 'Services that there are' }),
	rows: rowsSchema.nullable().meta({
		description: 'Rows returned, as `db.response.returned_rows` says; null where it is known of no call',
	}),
	repeats: repeatsSchema.nullable(),
	points: z.array(nano).meta({ description: 'Time by step, from the first step of the window on' }),
	query: z.string().meta({ description: 'Finds the calls that are counted' }),
});
export type QueryGroup = z.infer<typeof queryGroupSchema>;

export const queriesAnswer = z.object({
	window: windowSchema,
	stepMs: count,
	queries: z.array(queryGroupSchema).meta({ description: 'Most time first' }),
	totalNano: nano.meta({ description: 'Of all queries that were asked for' }),
	systems: z.array(z.string()).meta({ description: 'No more than 100' }),
	partial: partialSchema.optional(),
});
export type QueriesAnswer = z.infer<typeof queriesAnswer>;

const codePlaceSchema = z.object({
	function: z.string().meta({ description: 'With its namespace or class; empty where unknown' }),
	file: z.string().meta({ description: 'Empty where unknown' }),
	line: count.nullable(),
});
export type CodePlace = z.infer<typeof codePlaceSchema>;

const callingFunction = codePlaceSchema.extend(queryNumbers);
export type CallingFunction = z.infer<typeof callingFunction>;

const callingOperation = z.object({
	operation: z.string().meta({
		description:
			'Of the nearest request above the call in the same service; of the highest span found where there is none',
	}),
	...queryNumbers,
	functions: z.array(callingFunction).meta({
		description: 'Where the call stands, as it or the nearest span above it says, up to the request',
	}),
	of: count.meta({ description: 'Functions that there are' }),
});
export type CallingOperation = z.infer<typeof callingOperation>;

const callingService = z.object({
	service: z.string(),
	...queryNumbers,
	operations: z.array(callingOperation),
	of: count.meta({ description: 'Operations that there are' }),
});
export type CallingService = z.infer<typeof callingService>;

const togetherSchema = queryGroupSchema
	.pick({ fingerprint: true, system: true, namespace: true, summary: true, text: true, query: true })
	.extend({
		traces: count.meta({ description: 'Of the traces of the query, those in which this one is called too' }),
		besideTraces: count.meta({ description: 'Of those, the ones where it is called below the same span' }),
		calls: count.meta({ description: 'In those traces, not weighted by sampling' }),
	});
export type QueryTogether = z.infer<typeof togetherSchema>;

const namesSchema = z.object({
	attribute: z.string(),
	isOld: z.boolean().meta({ description: 'A name that the semantic conventions have given up' }),
	calls: amount.meta({ description: 'That came with it' }),
	services: z.array(z.string()),
	of: count.meta({ description: 'Services that there are' }),
});
export type QueryNames = z.infer<typeof namesSchema>;

const requestRepeatsSchema = z.object({
	service: z.string(),
	operation: z.string().meta({ description: 'Of the request; of the span with the repeats where none is above it' }),
	requests: count.meta({ description: 'That have such repeats below one of their spans' }),
	p50Repeats: count.meta({ description: 'Calls that repeat, for one of these requests' }),
	p95Repeats: count,
	mostRepeats: count,
	p50SavedNano: nano.meta({
		description: 'About how much shorter half of them would be at least, were all fetched at once',
	}),
});
export type RequestRepeats = z.infer<typeof requestRepeatsSchema>;

const sampleSchema = z.object({
	why: z.enum(['slowest', 'median', 'failed']),
	traceId,
	spanId,
	service: z.string(),
	durationNano: nano,
	endMs: z.number().int(),
});
export type QuerySample = z.infer<typeof sampleSchema>;

export const REPEAT_PATTERNS = ['sequential', 'parallel', 'interleaved'] as const;
const repeatedSchema = z.object({
	traceId,
	parentSpanId: spanId,
	service: z.string(),
	operation: z.string().meta({ description: 'Of the span that has the calls below it' }),
	repeats: count,
	busyNano: nano.meta({ description: 'In which at least one of the calls ran' }),
	totalNano: nano.meta({ description: 'Of the calls together: more than `busyNano` where they ran side by side' }),
	pattern: z.enum(REPEAT_PATTERNS).meta({
		description: 'One after the other, side by side, or taking turns with other queries below the same span',
	}),
	endMs: z.number().int(),
});
export type RepeatedCalls = z.infer<typeof repeatedSchema>;

export const queryAnswer = z.object({
	window: windowSchema,
	stepMs: count,
	query: queryGroupSchema.omit({ points: true, shareRatio: true, before: true }),
	points: z.array(z.object({ tMs: z.number().int(), requests: amount, errors: amount, ...quantiles })),
	traces: count.meta({
		description: 'Traces of the query that callers, names, repeats by request and queries together are of',
	}),
	callers: z.array(callingService).meta({ description: 'Most time first, on every level' }),
	callersOf: count.meta({ description: 'Services that there are' }),
	names: z.array(namesSchema).meta({ description: 'By which attributes calls say what they ask of whom' }),
	together: z.array(togetherSchema).meta({ description: 'Queries in the same traces; those in most of them first' }),
	togetherOf: count.meta({ description: 'Such queries that there are' }),
	samples: z.array(sampleSchema),
	repeated: z.array(repeatedSchema).meta({ description: 'Longest first' }),
	requestRepeats: z.array(requestRepeatsSchema).meta({ description: 'Those that would save the most together first' }),
	partial: partialSchema.optional(),
});
export type QueryAnswer = z.infer<typeof queryAnswer>;
