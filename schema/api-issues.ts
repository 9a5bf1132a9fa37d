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
	versions: z.array(z.string()).meta({ description: 'With occurrences in the window; of many some' }),
	versionsOf: count.meta({ description: 'How many such versions there are' }),
	points: z.array(z.tuple([epochMs, count])).meta({ description: 'Occurrences by step; steps without are left out' }),
	samples: z.array(sampleSchema).meta({ description: 'The newest' }),
	state: z.enum(ISSUE_STATES),
	stateVersion: count.meta({ description: 'For `If-Match`; 0 when nobody has changed it' }),
	owner: z.string().meta({ description: 'Who takes care of it; empty where nobody is said to' }),
	merged: count.meta({ description: 'Other issues that it stands for' }),
	cameWith: z.object({ version: z.string(), isNewest: z.boolean() }).nullable().meta({
		description:
			'The version of its service that it was seen with first, where older ones are known that it was never seen with',
	}),
});
export type Issue = z.infer<typeof issueSchema>;

export const issuesRequest = scopeParameters.extend({
	kind: z.enum([...ISSUE_KINDS, 'performance']).optional(),
	state: z
		.enum([...ISSUE_STATES, 'open'])
		.optional()
		.meta({ description: '`open`: new, regressed, escalating or ongoing' }),
	service: z.string().optional(),
	trace: z
		.string()
		.regex(/^[0-9a-fA-F]{32}$/)
		.optional()
		.meta({ description: 'Id of a trace: those that occurred in it, within the window' }),
	owner: z.string().max(200).optional().meta({ description: '`-`: those that nobody takes care of' }),
	q: z.string().max(200).default('').meta({ description: 'Text in title, type, culprit, service, operation or owner' }),
});
export const issuesAnswer = z.object({
	window: windowSchema,
	stepMs: count,
	issues: z.array(issueSchema),
	states: z.record(z.enum(ISSUE_STATES), count).meta({ description: 'Issues of the other filters by state' }),
	services: z.array(z.string()).meta({ description: 'With issues in the window' }),
	owners: z.array(z.string()).meta({ description: 'Of issues in the window' }),
	analysis: z
		.object({ tracesAnalysed: count, tracesSkipped: count, tracesWaiting: count })
		.meta({ description: 'Since this process began: what the search for performance issues has looked at' }),
	partial: partialSchema.optional(),
});
export type IssuesAnswer = z.infer<typeof issuesAnswer>;

/** What of an issue may be decided. */
const DECISION_PARTS = ['state', 'owner', 'merged', 'unmerged'] as const;

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
	escalatesAbove: count
		.optional()
		.meta({ description: 'Occurrences in an hour: ignored as long as there are no more' }),
	owner: z.string(),
	changed: z
		.array(z.enum(DECISION_PARTS))
		.meta({ description: 'What is other than in the version before; nothing where there is a comment alone' }),
	others: z.array(z.string()).meta({ description: 'Titles of the issues that were merged or unmerged' }),
});
export type IssueDecision = z.infer<typeof decisionSchema>;

const memberSchema = z.object({
	issueId,
	title: z.string(),
	count: count.meta({ description: 'In the window' }),
	lastMs: epochMs.nullable().meta({ description: 'In the window; null when it did not occur there' }),
});

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
	history: z.array(decisionSchema).meta({ description: 'What was decided and said of it, newest first' }),
	merged: z.array(memberSchema).meta({
		description: 'Other issues that it stands for, with their share of the figures; each as `/issues/{issueId}` too',
	}),
});
export type IssueAnswer = z.infer<typeof issueAnswer>;

export const issuePath = z.object({ issueId });
/** `-` is asked for where nobody takes care. */
const owner = z
	.string()
	.trim()
	.max(200)
	.refine((name) => name !== '-', { message: 'expected a name' });

export const issueChange = z
	.strictObject({
		state: z.enum(['new', 'ongoing', 'resolved', 'ignored']).optional(),
		resolution: z.enum(RESOLUTIONS).optional().meta({ description: 'With `resolved`; `now` unless said' }),
		resolvedVersion: z.string().max(200).optional().meta({ description: 'With the resolution `version`' }),
		ignoredUntilMs: epochMs.optional().meta({ description: 'With `ignored`; for ever unless said' }),
		untilEscalating: z.literal(true).optional().meta({
			description:
				'With `ignored`: until it occurs more than 10 times in an hour, and more than twice as often as in the busiest hour of the last seven days',
		}),
		owner: owner.optional().meta({
			description: 'An account where people log in, else any name; empty for nobody. See `/owners`',
		}),
		comment: z.string().max(2_000).optional().meta({ description: 'Alone, or with what is decided' }),
		restoreVersion: count.optional().meta({
			description: 'Instead of all that: what was decided in that version, 0 for nothing. For undo',
		}),
	})
	.refine((change) => (change.resolution === 'version') === (change.resolvedVersion !== undefined), {
		message: 'expected resolvedVersion with the resolution "version", and only with it',
	})
	.refine(({ state, resolution }) => resolution === undefined || state === 'resolved', {
		message: 'expected the state "resolved" with a resolution',
	})
	.refine(({ state, ignoredUntilMs: ms, untilEscalating: is }) => (ms ?? is) === undefined || state === 'ignored', {
		message: 'expected the state "ignored" with ignoredUntilMs or untilEscalating',
	})
	.refine(({ ignoredUntilMs, untilEscalating }) => ignoredUntilMs === undefined || untilEscalating === undefined, {
		message: 'expected either ignoredUntilMs or untilEscalating',
	})
	.refine(({ restoreVersion, ...change }) => (restoreVersion === undefined) === saysSomething(change), {
		message: 'expected a state, an owner or a comment, or else restoreVersion',
	});
export type IssueChange = z.infer<typeof issueChange>;

const saysSomething = (change: object): boolean => Object.values(change).some((value) => value !== undefined);

/** At once; an issue may come to stand for more in several steps. */
export const issuesMerged = z.strictObject({ issues: z.array(issueId).min(1).max(50) });
export type IssuesMerged = z.infer<typeof issuesMerged>;
export const mergedAnswer = z.object({
	issueId: issueId.meta({ description: 'The issue that stands for the others' }),
	merged: z.array(issueId).meta({ description: 'The others, now' }),
});
export type MergedAnswer = z.infer<typeof mergedAnswer>;

export const ownersRequest = z.object({ project: z.string().optional() });
export const ownersAnswer = z.object({
	owners: z.array(z.string()),
	isClosed: z.boolean().meta({ description: 'Only these: people log in here, and these may read the project' }),
});
export type OwnersAnswer = z.infer<typeof ownersAnswer>;
