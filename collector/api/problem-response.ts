import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Problem } from '../../schema/api.ts';
import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';

/** What was thrown, as RFC 9457 problem details. Only a bug becomes a 500, and its message stays in the log. */
export function problemResponse(c: Context, thrown: unknown, log: Log): Response {
	if (thrown instanceof ProblemError) return respond(c, describe(thrown), thrown.retryAfterMs);
	log.error(
		{ path: c.req.path, error: messageOf(thrown), stack: thrown instanceof Error ? thrown.stack : undefined },
		'request failed',
	);
	return respond(
		c,
		describe(new ProblemError(500, 'INTERNAL', 'An unexpected error; the log of the collector has the details.')),
	);
}

export const notFound = (c: Context): Response =>
	respond(
		c,
		describe(
			new ProblemError(404, 'NO_SUCH_ENDPOINT', `${c.req.method} ${c.req.path} is not an endpoint; see openapi.json`),
		),
	);

function describe(problem: ProblemError): Problem {
	return {
		type: 'about:blank',
		title: titles[problem.status] ?? 'Error',
		status: problem.status,
		code: problem.code,
		detail: problem.message,
		...('queryId' in problem && typeof problem.queryId === 'string' ? { queryId: problem.queryId } : {}),
		...(problem.position === undefined ? {} : { position: problem.position }),
		...(problem.expected === undefined ? {} : { expected: problem.expected }),
		...(problem.suggestion === undefined ? {} : { suggestion: problem.suggestion }),
	};
}

const titles: Record<number, string> = {
	400: 'Bad request',
	401: 'Not logged in',
	403: 'Not allowed',
	404: 'Not found',
	409: 'Conflict',
	412: 'Changed meanwhile',
	413: 'Too large',
	415: 'Not JSON',
	429: 'Too many requests',
	499: 'Cancelled',
	500: 'Internal error',
	503: 'Store unavailable',
	504: 'Query took too long',
};

function respond(c: Context, problem: Problem, retryAfterMs?: number): Response {
	return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
		'content-type': 'application/problem+json',
		'cache-control': 'no-store',
		...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
	});
}
