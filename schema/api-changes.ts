/** Deploys and other changes, and what a deploy did. */
import { z } from 'zod';
import { CHANGE_KINDS, FLAG_EFFECTS } from './change.ts';
import { VERDICTS } from './verdict.ts';
import { epochMs, partial, redSchema, scopeParameters, windowSchema } from './api.ts';
import { ISSUE_KINDS } from './issue.ts';

const line = (longest: number) =>
	z
		.string()
		.trim()
		.max(longest)
		.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected one line of text without control characters');

export const changeBody = z.strictObject({
	kind: z.enum(CHANGE_KINDS),
	service: line(512).optional().meta({ description: '`namespace/name`, or the bare name' }),
	env: line(256).optional(),
	revision: line(256).optional().meta({ description: 'Version, commit or flag variant' }),
	title: line(500).optional(),
	author: line(256).optional(),
	url: z
		.url({ protocol: /^https?$/ })
		.max(2_048)
		.optional()
		.meta({ description: 'Where to read more' }),
	tMs: epochMs.min(0).optional().meta({ description: 'When it took effect; now, when it is left out' }),
});
export type ChangeBody = z.infer<typeof changeBody>;

export const changeSchema = z.object({
	changeId: z.string(),
	kind: z.enum(CHANGE_KINDS),
	source: z
		.enum(['seen', 'told'])
		.meta({ description: 'Seen: a version that had not sent spans before, or a flag whose variants on spans changed' }),
	tMs: epochMs,
	service: z.string().meta({ description: '`namespace/name`; empty for a change of everything' }),
	environment: z.string(),
	revision: z.string(),
	previous: z
		.string()
		.nullable()
		.meta({ description: 'The version or the variant before; null for the first, and where others are seen besides' }),
	title: z.string(),
	author: z.string(),
	url: z.string(),
	flag: z
		.object({
			key: z.string(),
			effect: z.enum(FLAG_EFFECTS).meta({
				description:
					'First: of a flag not seen before. Switch: no other variant is seen any more. Beside: others still are. Gone: `previous` is not seen any more, others are',
			}),
			beside: z.array(z.string()).meta({ description: 'Variants that are seen besides' }),
		})
		.optional()
		.meta({ description: 'Of a flag that was seen; `revision` is its variant, empty where that is gone' }),
});
export type Change = z.infer<typeof changeSchema>;

export const changesRequest = scopeParameters.extend({
	service: z.string().max(512).optional(),
	kind: z.enum(CHANGE_KINDS).optional(),
});
export const changesAnswer = z.object({ window: windowSchema, changes: z.array(changeSchema), partial });
export type ChangesAnswer = z.infer<typeof changesAnswer>;

export const tellRequest = z.object({ project: z.string().optional() });

export const deployRequest = z.object({
	parts: z
		.enum(['all', 'figures'])
		.default('all')
		.meta({ description: 'Figures: without `contents`, which take the longest to read' }),
	env: z.string().optional(),
	project: z.string().optional(),
	hours: z.coerce
		.number()
		.int()
		.min(1)
		.max(24)
		.default(1)
		.meta({ description: 'How long after the deploy to look at' }),
});

const share = z.number().min(0).max(1);
const judgementSchema = z.object({
	verdict: z.enum(VERDICTS),
	before: share,
	after: share,
	low: z
		.number()
		.min(-1)
		.max(1)
		.meta({ description: 'The difference of the shares, after less before, is at least this' }),
	high: z.number().min(-1).max(1),
});
const comparisonSchema = z.object({
	before: redSchema,
	after: redSchema,
	errors: judgementSchema.meta({ description: 'Shares of requests that failed' }),
	slow: judgementSchema.meta({ description: 'Shares of requests that took longer than 95 of 100 before' }),
	verdict: z.enum(VERDICTS),
});
export type Comparison = z.infer<typeof comparisonSchema>;

/** What there is of something, up to a limit, and how much of it where it is more. */
const listOf = <Entry extends z.ZodType>(entry: Entry) => z.object({ list: z.array(entry), partial });

const newIssueSchema = z.object({
	issueId: z.string(),
	kind: z.enum(ISSUE_KINDS),
	type: z.string(),
	title: z.string(),
	culprit: z.string(),
	count: z.number().nonnegative().meta({ description: 'Occurrences with the version' }),
	firstSeenMs: epochMs.meta({ description: 'Over all that is kept' }),
});
export type NewIssue = z.infer<typeof newIssueSchema>;

const amount = z.number().nonnegative();
const newQuerySchema = z.object({
	fingerprint: z.string(),
	system: z.string().meta({ description: 'With `namespace`, where most of the calls went' }),
	namespace: z.string(),
	summary: z.string(),
	text: z.string(),
	calls: amount,
	errors: amount,
	totalNano: amount,
});
export type NewQuery = z.infer<typeof newQuerySchema>;

const dependencySchema = z.object({
	node: z.string().meta({ description: 'Id of a node of the service map' }),
	calls: amount,
});
export type Dependency = z.infer<typeof dependencySchema>;

const contentsSchema = z
	.object({
		earlier: windowSchema.meta({
			description:
				'24 hours that end some minutes before the deploy, as the first calls of a version come before its first answer. Queries and dependencies are new that were not called in them, and were since',
		}),
		newIssues: listOf(newIssueSchema).meta({
			description: 'Of the version, and seen with no other version before the deploy. Most frequent first',
		}),
		newQueries: listOf(newQuerySchema).meta({ description: 'Of the service. Those that take most time first' }),
		newDependencies: listOf(dependencySchema).meta({ description: 'Of the service. Most called first' }),
		goneDependencies: listOf(dependencySchema).meta({
			description:
				'Called at least 10 times in some time before the deploy, and not in as long a time since no other version answers',
		}),
	})
	.meta({ description: 'What came with the version, and what went' });
export type DeployContents = z.infer<typeof contentsSchema>;

export const deployAnswer = z.object({
	service: z.string(),
	environment: z.string(),
	version: z.string(),
	previous: z.string().nullable(),
	firstSeenMs: epochMs,
	told: changeSchema.nullable(),
	baseline: z
		.enum(['concurrent', 'before'])
		.meta({ description: 'Compared with other versions at the same time, or with the same length of time before' }),
	after: windowSchema,
	before: windowSchema,
	verdict: z.enum(VERDICTS),
	entry: comparisonSchema.meta({ description: 'Requests of the service as a whole: its entry spans' }),
	operations: z.array(comparisonSchema.extend({ operation: z.string(), kind: z.string() })),
	newOperations: listOf(z.string()).meta({ description: 'Not seen before' }),
	goneOperations: listOf(z.string()).meta({ description: 'Seen before, and not any more' }),
	contents: contentsSchema.optional(),
	partial,
});
export type DeployAnswer = z.infer<typeof deployAnswer>;
