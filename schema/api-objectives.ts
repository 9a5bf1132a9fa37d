/** Objectives, their budgets, and the gate in front of a deploy. */
import { z } from 'zod';
import { SEVERITIES } from './alert.ts';
import { declaredSchema } from './api-alerts.ts';
import { count, epochMs, partial, windowSchema } from './api.ts';

const events = z.number().nonnegative();
const burn = z.object({
	windowMs: count,
	rate: z.number().nullable().meta({ description: '1: just spends the budget over the window; null without events' }),
});

export const objectiveSchema = declaredSchema.extend({
	window: windowSchema,
	good: events,
	total: events,
	sliPercent: z.number().nullable(),
	budgetLeftRatio: z.number().nullable().meta({ description: 'Of the whole budget; may be negative' }),
	burns: z.array(burn).meta({ description: 'Over 1 h, 6 h, 24 h and 3 d' }),
	exhaustedMs: epochMs.nullable().meta({ description: 'When the budget is gone at the pace of the last 6 hours' }),
	firing: z.enum(SEVERITIES).nullable(),
	recordedSinceMs: epochMs.nullable(),
	services: z.array(z.string()),
});
export type ObjectiveAnswer = z.infer<typeof objectiveSchema>;
export const objectivesAnswer = z.object({ slos: z.array(objectiveSchema) });
export type ObjectivesAnswer = z.infer<typeof objectivesAnswer>;

const spender = z.object({ key: z.string(), value: z.string(), bad: events, badRatio: z.number(), score: z.number() });
export const objectiveDetail = objectiveSchema.extend({
	stepMs: count,
	points: z
		.array(z.object({ tMs: epochMs, good: events, total: events, budgetLeftRatio: z.number() }))
		.meta({ description: 'Budget left at the end of each step' }),
	alerts: z.array(
		z.object({
			severity: z.enum(SEVERITIES),
			longMs: count,
			shortMs: count,
			rate: z.number(),
			state: z.string(),
			longBurn: z.number().nullable(),
			shortBurn: z.number().nullable(),
		}),
	),
	spenders: z.array(spender).meta({ description: 'What the bad events share that the good ones don’t' }),
	warnings: z.array(z.string()),
	partial,
});
export type ObjectiveDetail = z.infer<typeof objectiveDetail>;

export const proposalsAnswer = z.object({
	proposals: z.array(
		z.object({
			document: z.unknown().meta({ description: 'An SLO, ready to save' }),
			title: z.string(),
			sliPercent: z.number(),
			total: events,
			seenMs: count,
		}),
	),
});
export type ProposalsAnswer = z.infer<typeof proposalsAnswer>;

export const gateRequest = z.object({
	env: z.string().optional(),
	project: z.string().optional(),
	intent: z.enum(['release', 'rollback', 'fix']).default('release'),
	override: z.string().max(500).optional().meta({ description: 'A reason: passes, and stands in the audit log' }),
});
export const gateAnswer = z.object({
	service: z.string(),
	environment: z.string(),
	decision: z.enum(['allow', 'deny', 'unknown']),
	reasons: z.array(z.object({ kind: z.enum(['budget', 'firing', 'unknown']), name: z.string(), text: z.string() })),
	notes: z.array(z.string()).meta({ description: 'Why it passes although there are reasons' }),
});
export type GateAnswer = z.infer<typeof gateAnswer>;
