/**
 * Documents of OpenSLO v1, as far as they are understood; anything else is an unknown field.
 * Source: https://github.com/OpenSLO/OpenSLO, README.md, "Specification".
 */
import { z } from 'zod';

export const OPENSLO_VERSION = 'openslo/v1';

const name = z.string().min(1).max(255);
const description = z.string().max(1_050).optional();
const metadata = z.strictObject({
	name,
	displayName: z.string().max(1_050).optional(),
	labels: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
	annotations: z.record(z.string(), z.string()).optional(),
});

/** Months, quarters and years are understood too: `m` is minutes, `M` months. */
const shorthand = z.string().regex(/^\d{1,6}[mhdwMQY]$/, 'expected a number with one of m h d w M Q Y, such as 30d');

const metricSource = z.strictObject({
	metricSourceRef: name.optional(),
	type: z.string().optional(),
	spec: z.record(z.string(), z.unknown()).nullish(),
});
const metric = z.strictObject({ metricSource });
export type Metric = z.infer<typeof metric>;

const indicatorSpec = z.strictObject({
	description,
	thresholdMetric: metric.optional(),
	ratioMetric: z
		.strictObject({
			counter: z.boolean().optional(),
			good: metric.optional(),
			bad: metric.optional(),
			total: metric.optional(),
			rawType: z.enum(['success', 'failure']).optional(),
			raw: metric.optional(),
		})
		.optional(),
});
export type IndicatorSpec = z.infer<typeof indicatorSpec>;

const operator = z.enum(['lte', 'gte', 'lt', 'gt']);
const objective = z.strictObject({
	displayName: z.string().optional(),
	op: operator.optional(),
	value: z.number().optional(),
	target: z.number().gt(0).lt(1).optional(),
	targetPercent: z.number().gt(0).lt(100).optional(),
	timeSliceTarget: z.number().gt(0).max(1).optional(),
	timeSliceWindow: z.union([z.number().int().positive(), shorthand]).optional(),
});
export type OpenObjective = z.infer<typeof objective>;

const conditionSpec = z.strictObject({
	description,
	severity: z.string(),
	condition: z.strictObject({
		kind: z.literal('burnrate').default('burnrate'),
		op: operator,
		threshold: z.number().positive(),
		lookbackWindow: shorthand,
		alertAfter: shorthand.default('0m'),
	}),
});
export type ConditionSpec = z.infer<typeof conditionSpec>;

const policySpec = z.strictObject({
	description,
	alertWhenNoData: z.boolean().default(false),
	alertWhenResolved: z.boolean().default(true),
	alertWhenBreaching: z.boolean().default(true),
	conditions: z
		.array(
			z.strictObject({
				conditionRef: name.optional(),
				kind: z.literal('AlertCondition').optional(),
				metadata: metadata.optional(),
				spec: conditionSpec.optional(),
			}),
		)
		.length(1),
	notificationTargets: z.array(
		z.strictObject({
			targetRef: name.optional(),
			kind: z.literal('AlertNotificationTarget').optional(),
			metadata: metadata.optional(),
			spec: z.strictObject({ target: z.string(), description }).optional(),
		}),
	),
});
export type PolicySpec = z.infer<typeof policySpec>;

const calendar = z.strictObject({
	startTime: z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'expected a time such as 2026-01-01 00:00:00'),
	timeZone: z.string(),
});
const objectiveSpec = z.strictObject({
	description,
	service: z.string(),
	indicator: z.strictObject({ metadata, spec: indicatorSpec }).optional(),
	indicatorRef: name.optional(),
	timeWindow: z
		.array(z.strictObject({ duration: shorthand, isRolling: z.boolean().optional(), calendar: calendar.optional() }))
		.length(1),
	budgetingMethod: z.enum(['Occurrences', 'Timeslices', 'RatioTimeslices']),
	objectives: z.array(objective).min(1).max(20),
	alertPolicies: z
		.array(
			z.strictObject({
				alertPolicyRef: name.optional(),
				kind: z.literal('AlertPolicy').optional(),
				metadata: metadata.optional(),
				spec: policySpec.optional(),
			}),
		)
		.nullish(),
});

const document = <Kind extends string, Spec extends z.ZodType>(kind: Kind, spec: Spec) =>
	z.strictObject({ apiVersion: z.literal(OPENSLO_VERSION), kind: z.literal(kind), metadata, spec });

export const openSloSchema = z.discriminatedUnion('kind', [
	document('DataSource', z.strictObject({ description, type: z.string(), connectionDetails: z.unknown() })),
	document('SLO', objectiveSpec),
	document('SLI', indicatorSpec),
	document('AlertPolicy', policySpec),
	document('AlertCondition', conditionSpec),
	document('AlertNotificationTarget', z.strictObject({ target: z.string(), description })),
	document('Service', z.strictObject({ description })),
]);
export type OpenSloDocument = z.infer<typeof openSloSchema>;
export type OpenSloOf<Kind extends OpenSloDocument['kind']> = Extract<OpenSloDocument, { kind: Kind }>;
