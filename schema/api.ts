/**
 * Request and answer of every endpoint under /api/v1. The OpenAPI document is generated from these, the routes validate
 * against them, and the screen infers its types from them.
 *
 * Units are in the names: `…Nano` whole nanoseconds, `…UnixNano` nanoseconds since the epoch as decimal text,
 * `…Ms` milliseconds (since the epoch for points in time), `…Ratio` 0 to 1.
 */
import { z } from 'zod';
import { COMPARISONS } from './compared-window.ts';
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from './span.ts';

export const count = z.number().int().nonnegative();
const nano = z.number().nonnegative();
export const epochMs = z.number().int();
export const unixNano = z.string().regex(/^\d+$/).meta({ description: 'Nanoseconds since the epoch, decimal' });
export const traceId = z.string().regex(/^[0-9a-f]{32}$/);
export const spanId = z.string().regex(/^[0-9a-f]{16}$/);

/** RFC 9457 problem details, the body of every error. */
export const problemSchema = z.object({
	type: z.string(),
	title: z.string(),
	status: z.number().int(),
	code: z.string().meta({ description: 'Stable name of the problem' }),
	detail: z.string(),
	queryId: z.string().optional(),
	position: count.optional().meta({ description: 'Where in `q` the problem is, in characters from 0' }),
	expected: z.string().optional(),
	suggestion: z.string().optional().meta({
		description:
			'The whole of `q` as it could be meant: mended, or translated from TraceQL. It parses; whether it is meant is for people to say',
	}),
});
export type Problem = z.infer<typeof problemSchema>;

/** Present where an answer was cut or estimated. */
export const partialSchema = z.object({
	reason: z.string(),
	seen: count,
	of: count,
	what: z.string().optional().meta({ description: 'What was counted, where it is not what the answer lists' }),
});
export type Partial = z.infer<typeof partialSchema>;
export const partial = partialSchema.optional();

export const windowSchema = z.object({ fromMs: epochMs, toMs: epochMs }).meta({ description: 'Half-open' });
export type TimeWindow = z.infer<typeof windowSchema>;

// ---- Requests -------------------------------------------------------------------------------------------------

const timeText = z.string().meta({ description: 'Unix milliseconds, `now` or `now-15m`', example: 'now-1h' });
export const windowParameters = z.object({ from: timeText.optional(), to: timeText.optional() });
export const scopeParameters = windowParameters.extend({
	env: z.string().optional().meta({ description: 'Environment' }),
	project: z.string().optional(),
});
export const comparedParameters = scopeParameters.extend({
	compare: z.enum(COMPARISONS).default('prev').meta({
		description: 'What `before` is of: the window of the same length just before, or the same one seven days earlier',
	}),
});
const limit = z.coerce.number().int().min(1).max(1000);

const apdexThreshold = z.string().optional().meta({
	description: 'Threshold of Apdex, such as `500ms`. It is moved to the nearest edge of a bucket, at most 1.1 % away',
});
export const servicesRequest = comparedParameters.extend({
	spans: z.enum(['entry', 'all']).default('entry').meta({ description: 'Which spans count' }),
	apdex: apdexThreshold,
});
export const operationsRequest = comparedParameters.extend({ service: z.string() });
export const redRequest = comparedParameters.extend({
	service: z.string(),
	operation: z.string().optional(),
	kind: z.enum(SPAN_KINDS).optional(),
	apdex: apdexThreshold,
	step: z.string().optional().meta({ description: 'Duration such as `30s`; chosen from the window when absent' }),
});
export const SORTS = ['-end', 'end', '-start', 'start', '-duration', 'duration'] as const;
export type Sort = (typeof SORTS)[number];
const durationBounds = {
	minNano: z.coerce.number().nonnegative().optional().meta({ description: 'Only spans that took at least so long' }),
	maxNano: z.coerce.number().nonnegative().optional().meta({ description: 'Only spans that took at most so long' }),
};
export const searchRequest = scopeParameters.extend({
	q: z.string().max(4096).default(''),
	...durationBounds,
	sort: z.enum(SORTS).default('-end'),
	limit: limit.default(20),
	cursor: z.string().max(512).optional(),
});
export const spansRequest = searchRequest.extend({
	columns: z
		.string()
		.max(2048)
		.default('')
		.meta({ description: 'Keys of the search language, parted by commas: at most 12' }),
});
export const countRequest = scopeParameters.extend({ q: z.string().max(4096).default(''), ...durationBounds });
export const traceRequest = z.object({
	at: z.coerce.number().int().optional().meta({ description: 'Unix ms of the last known end: where to look first' }),
	project: z.string().optional(),
});

// ---- Services, operations, RED --------------------------------------------------------------------------------

const redNumbers = {
	requests: z.number().nonnegative(),
	errors: z.number().nonnegative(),
	p50Nano: nano.nullable(),
	p95Nano: nano.nullable(),
	p99Nano: nano.nullable(),
};
export const redSchema = z.object(redNumbers).meta({ description: 'Quantiles are null when nothing was counted' });
export type Red = z.infer<typeof redSchema>;

const apdex = z.number().min(0).max(1).nullable().optional();
const pointSchema = z.object({ tMs: epochMs, ...redNumbers });
export type RedPoint = z.infer<typeof pointSchema>;
const pointsBefore = z.array(pointSchema.pick({ requests: true, p95Nano: true })).meta({
	description:
		'The window that `compare` asks for: point i lies as much earlier than `points[i]`. Of services none where steps are shorter than a minute',
});

export const serviceSchema = z.object({
	service: z.string(),
	namespace: z.string(),
	environment: z.string(),
	...redNumbers,
	requestsPerSecond: z.number().nonnegative(),
	errorRatio: z.number().min(0).max(1),
	totalNano: nano,
	apdex,
	spans: count.meta({ description: 'Spans counted, before weighting by sampling' }),
	before: redSchema.meta({ description: 'The window that `compare` asks for' }),
	firstSeenMs: epochMs.meta({ description: 'End of its first span, of any kind, in the window or not' }),
	lastSeenMs: epochMs.meta({ description: 'End of its newest span, likewise' }),
	versions: z
		.array(
			z.object({
				version: z.string(),
				firstSeenMs: epochMs,
				lastSeenMs: epochMs,
				requests: z.number().nonnegative().meta({ description: 'In the window' }),
			}),
		)
		.meta({ description: 'The newest with spans in the window, from when to when each was seen at all, oldest first' }),
	versionsOf: count.meta({ description: 'Versions with spans in the window' }),
	points: z.array(pointSchema).meta({ description: 'About 30 steps over the window, for sparklines' }),
	pointsBefore,
});
export type Service = z.infer<typeof serviceSchema>;
export const servicesAnswer = z.object({
	window: windowSchema,
	stepMs: count,
	services: z.array(serviceSchema),
	environments: z.array(z.string()),
	apdexThresholdNano: nano.optional().meta({ description: 'The threshold that was used' }),
	lastSpanMs: epochMs.nullable().meta({ description: 'End of the newest span stored, in the window or not' }),
	partial,
});
export type ServicesAnswer = z.infer<typeof servicesAnswer>;

export const operationSchema = z.object({
	operation: z.string(),
	kind: z.enum(SPAN_KINDS),
	type: z.enum(SPAN_TYPES),
	...redNumbers,
	totalNano: nano,
	spans: count.meta({ description: 'Before weighting by sampling' }),
	before: redSchema.meta({ description: 'The window that `compare` asks for' }),
	points: z.array(pointSchema).meta({ description: 'About 20 steps over the window, for sparklines' }),
	pointsBefore,
});
export type Operation = z.infer<typeof operationSchema>;
export const operationsAnswer = z.object({
	window: windowSchema,
	stepMs: count,
	operations: z.array(operationSchema),
	partial,
});
export type OperationsAnswer = z.infer<typeof operationsAnswer>;

const redPointSchema = pointSchema.extend({
	apdex,
	statusClasses: z.array(z.number().nonnegative()).length(6).meta({
		description: 'Requests by first digit of the HTTP status code, 1 to 5; at 0 those without one',
	}),
});
export const redAnswer = z.object({
	window: windowSchema,
	stepMs: count,
	points: z.array(redPointSchema),
	before: z
		.array(pointSchema)
		.meta({ description: 'The window that `compare` asks for: point i lies as much earlier than `points[i]`' }),
	versions: z
		.array(z.object({ version: z.string(), environment: z.string(), firstSeenMs: epochMs }))
		.meta({ description: 'Versions that were first seen in the window' }),
	apdexThresholdNano: nano.optional().meta({ description: 'The threshold that was used' }),
	partial,
});
export type RedAnswer = z.infer<typeof redAnswer>;

// ---- Search ---------------------------------------------------------------------------------------------------

export const traceSummarySchema = z.object({
	traceId,
	rootService: z.string().meta({ description: 'Of the earliest span where the root has not arrived' }),
	rootOperation: z.string(),
	rootMissing: z.boolean(),
	startUnixNano: unixNano,
	endMs: epochMs.meta({ description: 'For links: `/trace/{traceId}?at=`' }),
	durationNano: nano,
	spanCount: count,
	errorCount: count,
	services: z.array(z.object({ service: z.string(), spans: count })),
});
export type TraceSummary = z.infer<typeof traceSummarySchema>;
export const tracesAnswer = z.object({
	window: windowSchema,
	traces: z.array(traceSummarySchema),
	nextCursor: z.string().optional(),
	partial,
});
export type TracesAnswer = z.infer<typeof tracesAnswer>;

export const spanRowSchema = z.object({
	traceId,
	spanId,
	parentSpanId: spanId.or(z.literal('')),
	service: z.string(),
	operation: z.string(),
	name: z.string(),
	kind: z.enum(SPAN_KINDS),
	type: z.enum(SPAN_TYPES),
	startUnixNano: unixNano,
	durationNano: nano,
	status: z.enum(STATUS_CODES),
	error: z.boolean(),
	columns: z
		.array(z.string())
		.optional()
		.meta({ description: 'Of the keys asked for, in their order; empty where absent' }),
});
export type SpanRow = z.infer<typeof spanRowSchema>;
export const spansAnswer = z.object({
	window: windowSchema,
	spans: z.array(spanRowSchema),
	nextCursor: z.string().optional(),
	partial,
});
export type SpansAnswer = z.infer<typeof spansAnswer>;

export const countAnswer = z.object({ window: windowSchema, spans: count, traces: count, partial });
export type CountAnswer = z.infer<typeof countAnswer>;

// ---- One trace, one span --------------------------------------------------------------------------------------

/** OTLP/JSON AnyValue: exactly one member, or none for an empty value. */
export interface AnyValue {
	stringValue?: string;
	intValue?: string;
	doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity' | '-0';
	boolValue?: boolean;
	bytesValue?: string;
	arrayValue?: { values: AnyValue[] };
	kvlistValue?: { values: KeyValue[] };
}
export interface KeyValue {
	key: string;
	value: AnyValue;
}
export const anyValueSchema = z
	.custom<AnyValue>((value) => typeof value === 'object' && value !== null)
	.meta({
		override: { type: 'object', description: 'OTLP/JSON AnyValue' },
	});
export const keyValues = z.array(z.object({ key: z.string(), value: anyValueSchema }));

export const spanDetailSchema = spanRowSchema.extend({
	partial,
	namespace: z.string(),
	environment: z.string(),
	version: z.string(),
	statusMessage: z.string(),
	traceState: z.string(),
	flags: count,
	endUnixNano: unixNano,
	marks: z.array(z.string()).meta({ description: 'What the receiver changed or doubted' }),
	weight: z.number(),
	attributes: keyValues,
	droppedAttributes: count,
	events: z.array(
		z.object({ timeUnixNano: unixNano, name: z.string(), attributes: keyValues, droppedAttributes: count }),
	),
	droppedEvents: count,
	links: z.array(
		z.object({
			traceId: z.string(),
			spanId: z.string(),
			traceState: z.string(),
			flags: count,
			attributes: keyValues,
			droppedAttributes: count,
		}),
	),
	droppedLinks: count,
	linkedFrom: z
		.array(spanRowSchema)
		.meta({ description: 'Spans elsewhere whose links name this one: the newest, newest first' }),
	linkedFromOf: count.meta({ description: 'How many such spans there are, from an hour before to a day after' }),
	databaseQuery: z
		.string()
		.regex(/^[0-9a-f]{16}$/)
		.optional()
		.meta({ description: 'Of a call of a database, its fingerprint: see `/db/queries/{fingerprint}`' }),
	resource: z.object({ attributes: keyValues, droppedAttributes: count, schemaUrl: z.string() }),
	scope: z.object({
		name: z.string(),
		version: z.string(),
		attributes: keyValues,
		droppedAttributes: count,
		schemaUrl: z.string(),
	}),
});
export type SpanDetail = z.infer<typeof spanDetailSchema>;
