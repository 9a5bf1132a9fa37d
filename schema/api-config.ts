/** Declared documents and the sources they come from. */
import { z } from 'zod';
import { DOCUMENT_KINDS } from './alert.ts';
import { declaredSchema, projectRequest } from './api-alerts.ts';
import { count, epochMs } from './api.ts';
import { documentName } from './desired-state.ts';

const kind = z.enum(DOCUMENT_KINDS);

/** Something wrong, or doubtful, in a file. Lines and columns count from 1. */
const findingSchema = z.object({
	file: z.string(),
	line: count,
	column: count,
	level: z.enum(['error', 'warning']),
	/** Place within the document, such as `spec.conditions.0.above`. */
	path: z.string(),
	found: z.string(),
	expected: z.string(),
});
export type FileFinding = z.infer<typeof findingSchema>;

/** `release`: no longer declared, but it was there before the source, so it stays; `move`: from another source. */
export const CHANGE_ACTIONS = ['create', 'update', 'delete', 'release', 'adopt', 'move'] as const;
const changeSchema = z.object({
	action: z.enum(CHANGE_ACTIONS),
	kind,
	name: z.string(),
	file: z.string().nullable(),
	line: count.nullable(),
});
export type PlannedChange = z.infer<typeof changeSchema>;

const revisionSchema = z.object({
	revision: z.string().meta({ description: 'Commit, or a hash of what the folder holds' }),
	author: z.string(),
	message: z.string(),
	committedMs: epochMs.nullable(),
});
export type Revision = z.infer<typeof revisionSchema>;

export const sourceSchema = z.object({
	name: z.string(),
	type: z.enum(['folder', 'git']),
	location: z.string().meta({ description: 'Folder, or repository with branch and path; never credentials' }),
	declaredIn: z.string().meta({ description: 'The setting, or the document, that declares it' }),
	state: z
		.enum(['Waiting', 'Synced', 'OutOfSync', 'Refused', 'Unavailable'])
		.meta({ description: 'Unavailable: it can’t be read; what was applied last stays' }),
	error: z.string().nullable(),
	findings: z.array(findingSchema).meta({ description: 'Errors and warnings of the newest revision, at most 100' }),
	findingCount: count,
	newest: revisionSchema.nullable().meta({ description: 'As it was read last' }),
	applied: revisionSchema.extend({ appliedMs: epochMs }).nullable(),
	readMs: epochMs.nullable(),
	objects: count,
	changes: z.array(changeSchema).meta({ description: 'What applying the newest revision would do, at most 200' }),
	changeCount: count,
	held: z
		.object({ revision: z.string(), removes: count, of: count })
		.nullable()
		.meta({ description: 'Removes so much that somebody has to confirm it' }),
	paused: z.object({ untilMs: epochMs, reason: z.string(), author: z.string() }).nullable(),
	corrected: count.meta({ description: 'Documents that were put back since the start, because they differed' }),
});
export type SourceAnswer = z.infer<typeof sourceSchema>;

export const configRequest = projectRequest;
const objectSchema = declaredSchema.omit({ document: true }).extend({
	kind,
	name: z.string(),
	labels: z.record(z.string(), z.string()),
	drift: z.enum(['none', 'overridden', 'differs']),
});
export type ConfigObject = z.infer<typeof objectSchema>;
export const configAnswer = z.object({ sources: z.array(sourceSchema), objects: z.array(objectSchema) });
export type ConfigAnswer = z.infer<typeof configAnswer>;

export const documentsRequest = projectRequest.extend({ kind: kind.optional() });
export const documentRequest = projectRequest;
export const documentAnswer = declaredSchema.extend({
	desired: z.unknown().meta({ description: 'What the source says where something else is in force; else null' }),
	yaml: z.string().meta({ description: 'The document, ready for a file' }),
});
export type DocumentAnswer = z.infer<typeof documentAnswer>;

const reason = z.string().trim().min(1).max(1_000);
export const putRequest = projectRequest.extend({
	overrideUntil: z.coerce
		.number()
		.int()
		.positive()
		.optional()
		.meta({ description: 'Unix milliseconds. Of a document that a source declares: change it until then' }),
	reason: reason.optional(),
	note: z.string().trim().min(1).max(500).optional().meta({ description: 'Kept with the version, shown in the audit' }),
});

export const historyRequest = projectRequest.extend({ limit: z.coerce.number().int().min(1).max(200).default(50) });
export const historyAnswer = z.object({
	versions: z.array(
		z.object({
			version: count,
			changedMs: epochMs,
			author: z.string(),
			deleted: z.boolean(),
			document: z.unknown().meta({ description: 'Null where it was deleted' }),
			owner: z.string().nullable().meta({ description: 'The source that declared it' }),
			note: z.string().nullable().meta({ description: 'What was said when it was saved' }),
			yaml: z.string(),
		}),
	),
	revert: z.string().meta({ description: 'How to go back to one of them' }),
});
export type HistoryAnswer = z.infer<typeof historyAnswer>;

export const sourcePath = z.object({ name: documentName });
export const pauseBody = z.strictObject({ untilMs: epochMs, reason });
export type PauseBody = z.infer<typeof pauseBody>;
export const confirmBody = z.strictObject({ revision: z.string().min(1).max(100) });
export type ConfirmBody = z.infer<typeof confirmBody>;
export const webhookAnswer = z.object({ accepted: z.boolean() });
export const auditAnswer = z.object({
	entries: z.array(
		z.object({
			tMs: epochMs,
			author: z.string(),
			event: z.string().meta({ description: 'applied, confirmed, paused or resumed' }),
			revision: revisionSchema.nullable(),
			changes: z.array(changeSchema),
			changeCount: count,
		}),
	),
});
export type AuditAnswer = z.infer<typeof auditAnswer>;
