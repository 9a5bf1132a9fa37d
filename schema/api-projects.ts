/** What is kept apart from each other. */
import { z } from 'zod';
import { epochMs } from './api.ts';
import { PROJECT_NAME, PROJECT_NAME_WORDS } from './project.ts';

export const projectName = z.string().regex(PROJECT_NAME, `expected ${PROJECT_NAME_WORDS}`);
const title = z.string().trim().min(1).max(100);

const projectSchema = z.object({
	name: z.string().meta({ description: 'What `project=` and senders say; for good' }),
	title: z.string(),
	createdMs: epochMs,
	hasData: z.boolean().meta({ description: 'Spans arrived there' }),
	droppedMs: epochMs.optional().meta({ description: 'Since when its data is being dropped: nobody reads it any more' }),
});
export type Project = z.infer<typeof projectSchema>;

export const projectsAnswer = z.object({
	projects: z.array(projectSchema).meta({ description: 'Those that one may read, the default one first' }),
	home: z.string().meta({ description: 'The one that is read without `project=`' }),
});
export type ProjectsAnswer = z.infer<typeof projectsAnswer>;

export const newProjectBody = z.strictObject({ name: projectName, title });
export type NewProjectBody = z.infer<typeof newProjectBody>;
export const projectBody = z.strictObject({ title });
export type ProjectBody = z.infer<typeof projectBody>;
export const projectPath = z.object({ name: projectName });
export const dropRequest = z.object({
	confirm: z.string().meta({ description: 'The name once more: all its data, documents and keys go' }),
});

/** Those that somebody, or a token, is limited to. */
export const projectNames = z.array(projectName).min(1).max(100).readonly();

export const limitsAnswer = z.object({
	limits: z.array(
		z.object({
			limit: z.enum(['login', 'invitation', 'token', 'concurrency', 'ingest']),
			allows: z.string(),
			refused: z.number().int().nonnegative().meta({ description: 'Since the start' }),
			lastMs: epochMs.nullable(),
		}),
	),
});
export type LimitsAnswer = z.infer<typeof limitsAnswer>;
