import type { Context } from 'hono';
import type { Comparison } from '../../schema/compared-window.ts';
import { DEFAULT_PROJECT } from '../../schema/project.ts';
import { ANYBODY, principalOf, projectOf } from '../access/principal.ts';
import type { ReadScope, WindowScope } from '../store/reader-types.ts';
import { readWindow } from './time-window.ts';

/**
 * The project a caller reads, as the check of access settled it, and the signal that cancels the query when the caller goes
 * away. What a query says by itself counts only where nothing checks: the tests of single routes.
 */
export function readScope(c: Context, query: { project?: string | undefined }): ReadScope {
	const settled = projectOf(c);
	if (settled === undefined && principalOf(c) !== undefined)
		throw new Error(`${c.req.path} reads a project without saying so`);
	return { project: settled ?? query.project ?? DEFAULT_PROJECT, signal: c.req.raw.signal };
}

/** The author of a change: who makes the request. */
export const authorOf = (c: Context): string => principalOf(c)?.name ?? ANYBODY.name;

interface WindowQuery {
	from?: string | undefined;
	to?: string | undefined;
	env?: string | undefined;
	/** Of routes that compare. */
	compare?: Comparison;
	project?: string | undefined;
}

export function windowScope(c: Context, query: WindowQuery, nowMs: number): WindowScope {
	return {
		...readScope(c, query),
		window: readWindow(query.from, query.to, nowMs),
		...(query.env === undefined ? {} : { environment: query.env }),
		...(query.compare === undefined ? {} : { comparison: query.compare }),
	};
}
