/**
 * Documents that declare alerts, objectives, channels and so on: the same in YAML, in the API and behind the screen.
 * Durations carry a unit, percentages `%`; bare numbers are counts.
 */
import { z } from 'zod';
import { LINK_TARGETS } from './link.ts';
import {
	API_VERSION,
	CHANNEL_TYPES,
	GATE_POLICIES,
	MEASURE_PATTERN,
	NAME_EXPECTED,
	NAME_PATTERN,
	NO_DATA_CHOICES,
	SEVERITIES,
} from './alert.ts';

export const documentName = z.string().max(200).regex(NAME_PATTERN, NAME_EXPECTED);

const text = (longest: number) => z.string().max(longest);
const labels = z.record(z.string().min(1).max(63), text(255));

export const duration = z
	.string()
	.regex(/^(\d{1,9}(\.\d{1,6})?(ns|us|ms|s|m|h|d|w))+$/, 'expected a duration with its unit, such as 5m or 800ms');
const percent = z.string().regex(/^[+-]?\d{1,9}(\.\d{1,6})?%$/, 'expected a percentage, such as 5%');

/** In the unit of the measure: a duration for quantiles, a percentage for `errorPercent`, a number for the others. */
const threshold = z.union([duration, percent, z.number()]);

/** `5 of 6` evaluations, or the time within which every evaluation violates. */
const holdFor = z
	.string()
	.regex(/^(\d{1,3} of \d{1,3}|(\d{1,9}(\.\d{1,6})?(ms|s|m|h|d))+)$/, 'expected 5 of 6, or a duration such as 30m');

const conditionSchema = z
	.strictObject({
		severity: z.enum(SEVERITIES),
		above: threshold.optional(),
		below: threshold.optional(),
		recoverBelow: threshold.optional().meta({ description: 'Of `above`: a firing ends only below it' }),
		recoverAbove: threshold.optional().meta({ description: 'Of `below`: a firing ends only above it' }),
		changedBy: percent.optional().meta({ description: '`+50%` or `-50%` against the same window before' }),
		against: duration.optional().meta({ description: 'How long before: 1d, 1w. Goes with `changedBy`' }),
		for: holdFor.default('1 of 1'),
	})
	.refine(
		({ above, below, changedBy }) => [above, below, changedBy].filter((way) => way !== undefined).length === 1,
		'expected exactly one of above, below and changedBy',
	)
	.refine(
		({ changedBy, against }) => (changedBy === undefined) === (against === undefined),
		'changedBy and against go together',
	);
export type ConditionDocument = z.infer<typeof conditionSchema>;

const query = z.string().max(4_096).meta({ description: 'In the search language' });
const conditions = z.array(conditionSchema).min(1).max(8);
const notify = z.array(documentName).max(20).default([]).meta({ description: 'Channels; empty: as routes say' });

const alertSpec = z.strictObject({
	query,
	spans: z.enum(['entry', 'all']).default('entry'),
	measure: z.string().regex(MEASURE_PATTERN, 'expected a measure such as p95, errorPercent or apdex(500ms)'),
	window: duration.default('5m').meta({ description: 'What one value covers' }),
	every: duration.default('1m').meta({ description: 'How often it is computed' }),
	groupBy: z.array(z.string().min(1).max(255)).max(3).default([]),
	conditions,
	overrides: z
		.array(z.strictObject({ match: query, conditions }))
		.max(50)
		.default([])
		.meta({ description: 'Other conditions for the groups that match; the first match counts' }),
	minRequests: z.number().int().nonnegative().default(0),
	noData: z.enum(NO_DATA_CHOICES).default('keep'),
	enabled: z.boolean().default(true),
	notify,
});
export type AlertSpec = z.infer<typeof alertSpec>;

const objectiveSpec = z.strictObject({
	total: query,
	good: query.meta({ description: 'Counted within total' }),
	spans: z.enum(['entry', 'all']).default('entry'),
	targetPercent: z.number().gt(0).lt(100),
	window: z.strictObject({
		duration: duration,
		rolling: z.boolean().default(true).meta({ description: 'False: calendar days, weeks or months' }),
		timeZone: text(64).default('UTC'),
	}),
	minBadEvents: z.number().int().nonnegative().default(10),
	timeSlice: z
		.strictObject({ window: duration, targetPercent: z.number().gt(0).max(100).optional() })
		.optional()
		.meta({
			description:
				'Count slices of time instead of requests: good where so many percent of their events are, or else each by its share of good ones',
		}),
	burnRates: z
		.array(
			z.strictObject({
				severity: z.enum(SEVERITIES),
				long: duration,
				short: duration,
				rate: z.number().positive(),
				for: duration.optional().meta({ description: 'How long both have to last; at once when left out' }),
			}),
		)
		.max(8)
		.optional()
		.meta({ description: 'Instead of those derived from the window; empty: none' }),
	notify,
});
export type ObjectiveSpec = z.infer<typeof objectiveSpec>;

const matcher = z.record(z.string().min(1).max(255), text(255)).meta({ description: 'Labels; `*` is a wildcard' });
const routeSpec = z.strictObject({
	match: matcher.default({}),
	notify: z.array(documentName).min(1).max(20),
	groupBy: z.array(z.string().max(255)).max(5).default(['service']),
	groupWait: duration.default('30s'),
	groupInterval: duration.default('5m'),
	repeatEvery: duration.default('4h'),
	order: z.number().int().default(0).meta({ description: 'Smallest first' }),
	continue: z.boolean().default(false).meta({ description: 'Ask the routes after this one, too' }),
});

const channelSpec = z.strictObject({
	type: z.enum(CHANNEL_TYPES),
	url: text(2_048).optional(),
	secret: text(1_024).optional().meta({ description: 'Signs webhooks; key of PagerDuty. By reference: `${env:NAME}`' }),
	to: z.array(text(320)).max(50).optional().meta({ description: 'Addresses of e-mail' }),
	from: text(320).optional(),
	smtp: text(2_048).optional().meta({ description: '`smtps://user:password@host:465`, by reference' }),
	sendResolved: z.boolean().default(true),
});

const silenceSpec = z.strictObject({
	match: matcher,
	from: text(40).optional().meta({ description: 'ISO 8601; now when left out' }),
	until: text(40).optional(),
	every: z
		.strictObject({
			days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])),
			at: text(5),
			for: duration,
		})
		.optional()
		.meta({ description: 'A maintenance window that comes back' }),
	timeZone: text(64).default('UTC'),
	reason: text(1_000),
});

const heartbeatSpec = z.strictObject({ url: text(2_048), every: duration.default('1m') });

const serviceSpec = z.strictObject({
	owner: text(200).optional(),
	tier: z.number().int().min(0).max(9).optional(),
	repository: text(2_048).optional(),
	sourceUrl: text(2_048).optional().meta({ description: 'Of its source: may name {revision}, {path} and {line}' }),
	sourceRoot: text(1_024).optional().meta({
		description: 'Folder in which its source lies where it runs, such as `/app`: {path} begins below it',
	}),
	runbook: text(2_048).optional(),
	gate: z
		.enum(GATE_POLICIES)
		.default('refuse')
		.meta({ description: '`warn`: the gate lets a deploy pass and says what stands against it' }),
});

const linkSpec = z.strictObject({
	title: text(100).min(1),
	urlTemplate: text(2_048).meta({
		description: 'Shown where all it names in braces is known: traceId, service, fromMs, attr.KEY and so on',
	}),
	on: z.array(z.enum(LINK_TARGETS)).min(1),
});

const retentionSpec = z.strictObject({ spans: duration.optional(), rollups: duration.optional() });

const sourceSpec = z.strictObject({
	folder: text(4_096).optional(),
	repository: text(2_048).optional(),
	branch: text(255).default('main'),
	path: text(1_024).default('.'),
	every: duration.default('30s'),
	credentials: text(1_024).optional().meta({ description: 'By reference: `${env:NAME}`' }),
	webhookSecret: text(1_024).optional(),
});

const metadata = z.strictObject({
	name: documentName,
	labels: labels.default({}),
	annotations: z.record(z.string().min(1).max(63), text(4_096)).default({}),
});

const document = <Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) =>
	z.strictObject({ apiVersion: z.literal(API_VERSION), kind: z.literal(kind), metadata, spec });

export const documentSchema = z.discriminatedUnion('kind', [
	document('Alert', alertSpec),
	document('SLO', objectiveSpec),
	document('Route', routeSpec),
	document('Channel', channelSpec),
	document('Silence', silenceSpec),
	document('Heartbeat', heartbeatSpec),
	document('Service', serviceSpec),
	document('Link', linkSpec),
	document('Retention', retentionSpec),
	document('Source', sourceSpec),
]);
/** A document with its defaults filled in. */
export type DesiredDocument = z.infer<typeof documentSchema>;
/** As somebody writes it. */
export type WrittenDocument = z.input<typeof documentSchema>;
export type DocumentOf<Kind extends DesiredDocument['kind']> = Extract<DesiredDocument, { kind: Kind }>;
