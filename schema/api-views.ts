/** Saved views: the state of a screen, as its address holds it, under a name. */
import { z } from 'zod';
import { epochMs } from './api.ts';

/** Names people give: anything that can be read, without what a line can't show. */
export const documentName = z
	.string()
	.trim()
	.min(1)
	.max(100)
	.regex(/^[^\p{Cc}\p{Cs}]*$/u, 'expected text without control characters');

const viewKind = z
	.string()
	.regex(/^[a-z][a-z-]{0,31}$/, 'expected the name of a screen, such as traces')
	.meta({ description: 'The screen it belongs to, such as `traces`' });

export const viewBody = z.strictObject({
	search: z.string().max(16_384).meta({ description: 'Query string of the screen, such as `q=error%3Atrue&t=1h`' }),
	description: z.string().max(1_000).optional(),
});
export type ViewBody = z.infer<typeof viewBody>;

export const viewSchema = viewBody.extend({
	kind: z.string(),
	name: z.string(),
	version: z.number().int().positive().meta({ description: 'For `If-Match`, in quotes' }),
	author: z.string(),
	changedMs: epochMs,
});
export type View = z.infer<typeof viewSchema>;

export const viewsRequest = z.object({ kind: viewKind.optional(), project: z.string().optional() });
export const viewRequest = z.object({ project: z.string().optional() });
export const viewPath = z.object({ kind: viewKind, name: documentName });

export const viewsAnswer = z.object({ views: z.array(viewSchema) });
export type ViewsAnswer = z.infer<typeof viewsAnswer>;
export const deletedAnswer = z.object({ version: z.number().int().positive() });
export type DeletedAnswer = z.infer<typeof deletedAnswer>;
