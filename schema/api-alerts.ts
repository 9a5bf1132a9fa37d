/** Rules, what fired, silences, channels and the back-test. Documents are those of desired-state.ts. */
import { z } from 'zod';
import { ALERT_STATES, COMPARISONS, DOCUMENT_KINDS, FIRING_STATES, RESOLVE_REASONS, SEVERITIES } from './alert.ts';
import { count, epochMs, partial, traceId, windowSchema } from './api.ts';
import { documentName, documentSchema } from './desired-state.ts';

export const projectRequest = z.object({ project: z.string().optional() });

const unit = z.enum(['nanoseconds', 'percent', 'perSecond', 'count', 'ratio']);
export type Unit = z.infer<typeof unit>;
const value = z.number().nullable().meta({ description: 'In the unit of the measure; null without data' });
/** Values of `groupBy`, by its keys. */
const group = z.record(z.string(), z.string());

/** Who decides over a document: the screen and the API, or a source of configuration. */
const ownerSchema = z.object({
	source: z.string().nullable().meta({ description: 'Null: made on the screen or through the API' }),
	file: z.string().optional(),
	line: count.optional(),
	overriddenUntilMs: epochMs.optional(),
	overrideReason: z.string().optional(),
});

export const declaredSchema = z.object({
	document: documentSchema,
	version: count.meta({ description: 'For `If-Match`, in quotes' }),
	author: z.string(),
	changedMs: epochMs,
	owner: ownerSchema,
});
export type Declared = z.infer<typeof declaredSchema>;

const stateOfGroup = z.object({
	group,
	severity: z.enum(SEVERITIES),
	state: z.enum(ALERT_STATES),
	sinceMs: epochMs,
	value,
	threshold: z.number(),
	firingId: z.string().optional().meta({ description: 'Where it fires or recovers' }),
	reason: z.string().optional().meta({ description: 'Of an error' }),
});
export type StateOfGroup = z.infer<typeof stateOfGroup>;

const stretch = z.object({ fromMs: epochMs, toMs: epochMs, state: z.enum(ALERT_STATES) });

export const alertSchema = declaredSchema.extend({
	state: z.enum(ALERT_STATES).meta({ description: 'The worst of its groups' }),
	severity: z.enum(SEVERITIES).nullable(),
	unit,
	groups: z.array(stateOfGroup).meta({ description: 'By condition; of many those that fire first' }),
	groupsOf: count.meta({ description: 'How many of these there are' }),
	groupsFiring: count.meta({ description: 'How many of these fire' }),
	evaluatedMs: epochMs.nullable().meta({ description: 'End of the newest window that was evaluated' }),
	silenced: z.boolean(),
	firings7d: count,
	strip: z.array(stretch).meta({ description: 'Worst state over the last 7 days, oldest first' }),
});
export type AlertAnswer = z.infer<typeof alertSchema>;
export const alertsAnswer = z.object({ alerts: z.array(alertSchema), blind: z.boolean(), watermarkMs: epochMs });
export type AlertsAnswer = z.infer<typeof alertsAnswer>;
export const alertPath = z.object({ name: documentName });

const evaluationPoint = z.object({
	tMs: epochMs.meta({ description: 'End of the window' }),
	value,
	requests: z.number().nonnegative(),
	revised: z.boolean().meta({ description: 'The window changed after it was evaluated' }),
});
export const alertSeriesRequest = projectRequest.extend({ from: z.string().optional(), to: z.string().optional() });
export const alertSeriesAnswer = z.object({
	window: windowSchema,
	everyMs: count,
	windowMs: count,
	unit,
	recordedSinceMs: epochMs.nullable(),
	series: z.array(z.object({ group, points: z.array(evaluationPoint) })),
	partial,
});
export type AlertSeriesAnswer = z.infer<typeof alertSeriesAnswer>;

/** One attribute whose share differs most between spans that violate and spans that don't. */
const differenceSchema = z.object({
	key: z.string(),
	value: z.string(),
	selected: count,
	rest: count,
	selectedRatio: z.number(),
	restRatio: z.number(),
	score: z.number(),
});

const noteSchema = z.object({ tMs: epochMs, author: z.string(), text: z.string() });
const eventSchema = z.object({
	tMs: epochMs,
	kind: z.enum([
		'pending',
		'fired',
		'recovering',
		'resolved',
		'acknowledged',
		'silenced',
		'notified',
		'failed',
		'note',
	]),
	text: z.string(),
	author: z.string().optional(),
});

export const firingSchema = z.object({
	firingId: z.string(),
	alert: z.string().meta({ description: 'Name of the rule or objective' }),
	kind: z.enum(['Alert', 'SLO']),
	severity: z.enum(SEVERITIES),
	group,
	labels: z.record(z.string(), z.string()),
	services: z.array(z.string()),
	title: z.string().meta({ description: 'In words: what, where, value and threshold' }),
	query: z.string().meta({ description: 'Finds the spans it is about, for links' }),
	state: z.enum(FIRING_STATES),
	startedMs: epochMs,
	endedMs: epochMs.nullable(),
	reason: z.enum(RESOLVE_REASONS).nullable(),
	unit,
	value,
	threshold: z.number(),
	acknowledged: noteSchema.nullable(),
	silencedUntilMs: epochMs.nullable(),
	budgetLeftRatio: z.number().nullable(),
});
export type Firing = z.infer<typeof firingSchema>;

export const firingsRequest = projectRequest.extend({
	state: z.enum(FIRING_STATES).optional(),
	alert: z.string().optional(),
	service: z.string().optional(),
	from: z.string().optional(),
	to: z.string().optional(),
	limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const firingsAnswer = z.object({ firings: z.array(firingSchema), partial });
export type FiringsAnswer = z.infer<typeof firingsAnswer>;

const sampleSchema = z.object({ traceId, endMs: epochMs, operation: z.string(), durationNano: z.number() });

/** What is found when it fires, and stays as it was. */
export const evidenceSchema = z.object({
	frozenMs: epochMs,
	requests: z.number().nonnegative().meta({ description: 'That violated, weighted' }),
	ofRequests: z.number().nonnegative(),
	users: count.nullable().meta({ description: 'Distinct values of `user.id`; null where nobody is named' }),
	differences: z.array(differenceSchema),
	comparedWith: z.enum(COMPARISONS).meta({
		description:
			'`rest`: violating spans with the others of the window; `hourBefore`: where nearly all violate, or their number does, the spans since it began with those of the hour before; `nothing`: there were none then',
	}),
	change: z.object({ changeId: z.string(), title: z.string(), service: z.string(), tMs: epochMs }).nullable(),
	violating: sampleSchema.nullable(),
	good: sampleSchema.nullable(),
	related: z.array(
		z.object({ firingId: z.string(), title: z.string(), direction: z.enum(['upstream', 'downstream']) }),
	),
	partial,
});
export type Evidence = z.infer<typeof evidenceSchema>;

export const firingDetail = firingSchema.extend({
	evidence: evidenceSchema.nullable().meta({ description: 'Null until it is gathered' }),
	timeline: z.array(eventSchema),
	notes: z.array(noteSchema),
	points: z.array(evaluationPoint).meta({ description: 'Of its group, from an hour before it began' }),
	partial,
});
export type FiringDetail = z.infer<typeof firingDetail>;
export const firingPath = z.object({ firingId: z.string().max(64) });
export const noteBody = z.strictObject({ text: z.string().max(4_000).default('') });
export const postMortemAnswer = z.object({ markdown: z.string() });

export const silenceBody = z.strictObject({
	match: z.record(z.string(), z.string()),
	forMs: z
		.number()
		.int()
		.positive()
		.max(366 * 86_400_000),
	reason: z.string().max(1_000).default(''),
});

export const backtestBody = z.strictObject({
	document: z.unknown().meta({ description: 'An Alert or SLO as in YAML' }),
	from: z.union([z.string(), z.number()]).optional(),
	to: z.union([z.string(), z.number()]).optional(),
});
const firedBand = z.object({ severity: z.enum(SEVERITIES), fromMs: epochMs, toMs: epochMs });
const tally = z.object({
	firings: count,
	totalMs: count,
	longestMs: count,
	flaps: count.meta({ description: 'Firings that began within 15 minutes of the end of the one before' }),
	noDataRatio: z.number(),
});
export type Tally = z.infer<typeof tally>;
export const backtestAnswer = z.object({
	window: windowSchema,
	everyMs: count,
	unit,
	series: z.array(z.object({ group, points: z.array(evaluationPoint), bands: z.array(firedBand), tally })),
	tally,
	current: tally.nullable().meta({ description: 'Of the rule of that name as it is now' }),
	suggested: z.number().nullable().meta({ description: 'Lowest round threshold with at most one firing a week' }),
	seenMs: count.meta({ description: 'How much of the window has data' }),
	warnings: z.array(z.string()),
});
export type BacktestAnswer = z.infer<typeof backtestAnswer>;

export const documentPath = z.object({ kind: z.enum(DOCUMENT_KINDS), name: documentName });
export const documentsAnswer = z.object({ documents: z.array(declaredSchema) });
export type DocumentsAnswer = z.infer<typeof documentsAnswer>;

export const channelTestAnswer = z.object({
	ok: z.boolean(),
	status: z.number().int().nullable().meta({ description: 'Of HTTP or SMTP; never the body' }),
	error: z.string().nullable(),
});
export const deliverySchema = z.object({
	key: z.string(),
	channel: z.string(),
	firingId: z.string(),
	state: z.enum(['waiting', 'delivered', 'failed', 'expired']),
	attempts: count,
	lastStatus: z.number().int().nullable(),
	lastError: z.string().nullable(),
	nextMs: epochMs.nullable(),
	createdMs: epochMs,
});
export type Delivery = z.infer<typeof deliverySchema>;
export const deliveriesAnswer = z.object({ deliveries: z.array(deliverySchema) });
export type DeliveriesAnswer = z.infer<typeof deliveriesAnswer>;
