import type { Context } from 'hono';
import { ANYBODY, principalOf } from '../access/principal.ts';
import { ProblemError } from '../problem.ts';
import type { ReadScope, WindowScope } from '../store/reader-types.ts';
import { readWindow } from './time-window.ts';

export const DEFAULT_PROJECT = 'default';

/** The project a caller reads, and the signal that cancels the query when the caller goes away. */
export function readScope(c: Context, query: { project?: string | undefined }): ReadScope {
	const project = query.project ?? DEFAULT_PROJECT;
	if (!/^[\w-]{1,64}$/.test(project)) {
		throw new ProblemError(
			400,
			'BAD_PROJECT',
			`project is ${JSON.stringify(project)}; expected letters, digits, _ and -`,
		);
	}
	return { project, signal: c.req.raw.signal };
}

/** The author of a change: who makes the request. */
export const authorOf = (c: Context): string => principalOf(c)?.name ?? ANYBODY.name;

interface WindowQuery {
	from?: string | undefined;
	to?: string | undefined;
	env?: string | undefined;
	project?: string | undefined;
}

export function windowScope(c: Context, query: WindowQuery, nowMs: number): WindowScope {
	return {
		...readScope(c, query),
		window: readWindow(query.from, query.to, nowMs),
		...(query.env === undefined ? {} : { environment: query.env }),
	};
}
