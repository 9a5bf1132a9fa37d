/** What a generic webhook gets as its body, and open screens as an event. */
import { z } from 'zod';
import { FIRING_STATES, RESOLVE_REASONS, SEVERITIES } from './alert.ts';
import { evidenceSchema, firingSchema } from './api-alerts.ts';
import { count, epochMs } from './api.ts';

const texts = z.record(z.string(), z.string());

const notifiedAlert = z.object({
	id: z
		.string()
		.meta({ description: 'Names rule and group: the same from firing to resolved, and when it fires again' }),
	sequence: count.meta({ description: 'Grows with every transition of the same id: a smaller one came late' }),
	new: z.boolean().meta({ description: 'False: told before, and listed because it still fires' }),
	firingId: z.string(),
	project: z.string(),
	rule: z.string(),
	kind: z.enum(['Alert', 'SLO']),
	severity: z.enum(SEVERITIES),
	state: z.enum(FIRING_STATES),
	reason: z.enum(RESOLVE_REASONS).nullable(),
	title: z.string(),
	summary: z.string().meta({ description: 'The annotation of that name, filled in' }),
	group: texts,
	labels: texts,
	annotations: texts.meta({ description: 'As written' }),
	services: z.array(z.string()),
	measure: z.string(),
	unit: firingSchema.shape.unit,
	value: z.number().nullable(),
	threshold: z.number(),
	startedMs: epochMs,
	endedMs: epochMs.nullable(),
	query: z.string().meta({ description: 'Finds the spans it is about' }),
	evidence: z
		.object({
			requests: z.number().nonnegative(),
			ofRequests: z.number().nonnegative(),
			difference: evidenceSchema.shape.differences.element.nullable(),
			comparedWith: evidenceSchema.shape.comparedWith,
			change: evidenceSchema.shape.change,
			violating: evidenceSchema.shape.violating,
		})
		.nullable(),
	budgetLeftRatio: z.number().nullable(),
	links: z.array(z.object({ name: z.string(), url: z.string() })),
});

export const notificationBody = z.object({
	version: z.literal(1),
	key: z.string().meta({ description: 'As the header Idempotency-Key: the same when it is sent again' }),
	state: z.enum(FIRING_STATES).meta({ description: 'firing as long as one of the alerts fires' }),
	severity: z.enum(SEVERITIES).meta({ description: 'The most urgent' }),
	title: z.string(),
	repeat: z.boolean().meta({ description: 'Nothing is new: said again as it goes on' }),
	group: texts.meta({ description: 'Values by which the route groups' }),
	omitted: count.meta({ description: 'So many more alerts are not listed' }),
	alerts: z.array(notifiedAlert),
});
export type NotificationBody = z.infer<typeof notificationBody>;
