/** One inbox of exceptions and performance issues: `/issues`. */
import { z } from 'zod';
import { ISSUE_KINDS, ISSUE_STATES } from './issue.ts';
import { epochMs, partialSchema, scopeParameters, windowSchema } from './api.ts';

const count = z.number().int().nonnegative();
const nano = z.number().nonnegative();

/** Where an issue counts as resolved: from this moment on, after a version, or in whatever version comes next. */
export const RESOLUTIONS = ['now', 'version', 'next-version'] as const;

const issueId = z.string().regex(/^[0-9a-f]{16}$/);

const sampleSchema = z.object({
	traceId: z.string(),
	spanId: z.string(),
	endMs: epochMs.meta({ description: 'For links: `/trace/{traceId}?at=`' }),
	environment: z.string(),
	version: z.string(),
	operation: z.string(),
	wastedNano: nano,
	spans: count.meta({ description: 'Repeated calls; 0 for exceptions and gaps' }),
});

export const issueSchema = z.object({
	issueId,
	kind: z.enum(ISSUE_KINDS),
	service: z.string(),
	operation: z.string().meta({ description: 'The one with most occurrences; empty where only logs told' }),
	title: z.string(),
	type: z.string().meta({ description: 'Of the exception; empty for performance issues' }),
	culprit: z.string().meta({ description: 'Where to look first: function and file, or the repeated call' }),
	count: count.meta({ description: 'Occurrences in the window' }),
	traces: count,
	wastedNano: nano.meta({ description: 'Added up over the window; 0 for exceptions' }),
	firstSeenMs: epochMs.meta({ description: 'Over all that is kept, in the window or not' }),
	lastSeenMs: epochMs,
	versions: z.array(z.string()),
	points: z.array(z.tuple([epochMs, count])).meta({ description: 'Occurrences by step; steps without are left out' }),
	samples: z.array(sampleSchema).meta({ description: 'The newest' }),
	state: z.enum(ISSUE_STATES),
	stateVersion: count.meta({ description: 'For `If-Match`; 0 when nobody has changed it' }),
});
export type Issue = z.infer<typeof issueSchema>;

export const issuesRequest = scopeParameters.extend({
	kind: z.enum([...ISSUE_KINDS, 'performance']).optional(),
	state: z
		.enum([...ISSUE_STATES, 'open'])
		.optional()
		.meta({ description: '`open`: new, regressed or ongoing' }),
	service: z.string().optional(),
	q: z.string().max(200).default('').meta({ description: 'Text in title, type, culprit, service or operation' }),
});
export const issuesAnswer = z.object({
	window: windowSchema,
	stepMs: count,
	issues: z.array(issueSchema),
	states: z.record(z.enum(ISSUE_STATES), count).meta({ description: 'Issues of the other filters by state' }),
	services: z.array(z.string()).meta({ description: 'With issues in the window' }),
	analysis: z
		.object({ tracesAnalysed: count, tracesSkipped: count, tracesWaiting: count })
		.meta({ description: 'Since this process began: what the search for performance issues has looked at' }),
	partial: partialSchema.optional(),
});
export type IssuesAnswer = z.infer<typeof issuesAnswer>;

const shareSchema = z.object({ value: z.string(), count });
const decisionSchema = z.object({
	state: z.enum(ISSUE_STATES),
	version: count,
	author: z.string(),
	changedMs: epochMs,
	comment: z.string(),
	resolution: z.enum(RESOLUTIONS).optional(),
	resolvedVersion: z.string().optional(),
	ignoredUntilMs: epochMs.optional(),
});
export type IssueDecision = z.infer<typeof decisionSchema>;

export const issueRequest = scopeParameters;
export const issueAnswer = z.object({
	window: windowSchema,
	partial: partialSchema.optional(),
	stepMs: count,
	issue: issueSchema,
	message: z.string().meta({ description: 'Of one sample, as it was recorded' }),
	stack: z.string(),
	subject: z.string().meta({ description: 'What is repeated, in full; empty for exceptions' }),
	operations: z.array(shareSchema),
	environments: z.array(shareSchema),
	versions: z.array(z.object({ version: z.string(), count, firstMs: epochMs, lastMs: epochMs })),
	messages: z.array(shareSchema).meta({ description: 'Variants of the message, most frequent first' }),
	deploys: z
		.array(z.object({ version: z.string(), firstSeenMs: epochMs }))
		.meta({ description: 'When versions of the service were first seen' }),
	history: z.array(decisionSchema).meta({ description: 'Changes of its state, newest first' }),
});
export type IssueAnswer = z.infer<typeof issueAnswer>;

export const issuePath = z.object({ issueId });
export const issueChange = z
	.strictObject({
		state: z.enum(['new', 'ongoing', 'resolved', 'ignored']).optional(),
		resolution: z.enum(RESOLUTIONS).optional().meta({ description: 'With `resolved`; `now` unless said' }),
		resolvedVersion: z.string().max(200).optional().meta({ description: 'With the resolution `version`' }),
		ignoredUntilMs: epochMs.optional().meta({ description: 'With `ignored`; for ever unless said' }),
		comment: z.string().max(2_000).optional(),
		restoreVersion: count.optional().meta({
			description: 'Instead of all that: what was decided in that version, 0 for nothing. For undo',
		}),
	})
	.refine((change) => (change.resolution === 'version') === (change.resolvedVersion !== undefined), {
		message: 'expected resolvedVersion with the resolution "version", and only with it',
	})
	.refine((change) => (change.state === undefined) === (change.restoreVersion !== undefined), {
		message: 'expected either state or restoreVersion',
	});
export type IssueChange = z.infer<typeof issueChange>;
