import type { Context } from 'hono';
import { ProblemError } from '../problem.ts';

/**
 * The version that a request changes: `If-Match: "3"`, or 0 for `If-None-Match: *`, which creates. Undefined when the
 * caller doesn't care what was there. Source: RFC 9110, 13.1.
 */
export function expectedVersion(c: Context): number | undefined {
	const match = c.req.header('if-match');
	const noneMatch = c.req.header('if-none-match');
	if (noneMatch === '*' && match === undefined) return 0;
	if (match === undefined && noneMatch === undefined) return undefined;
	const [, version] = /^"(\d{1,15})"$/.exec(match?.trim() ?? '') ?? [];
	if (version === undefined || noneMatch !== undefined) {
		throw new ProblemError(
			400,
			'BAD_VERSION',
			`expected If-Match with a version in quotes, such as "3", or If-None-Match: *`,
		);
	}
	return Number(version);
}

/** Lets the next change say which version it was made to. */
export const tellVersion = (c: Context, version: number): void => c.header('etag', `"${version}"`);
