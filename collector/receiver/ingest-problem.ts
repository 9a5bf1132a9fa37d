import type { Log } from '../log.ts';
import { messageOf, ProblemError } from '../problem.ts';
import { DecodeError } from './decode-error.ts';
import type { FieldViolation } from './rpc-status.ts';

/** What clients are asked to wait when nothing better is known: longer than a busy writer needs, shorter than they give up after. */
const RETRY_AFTER_SECONDS = 5;

/** How long the client of this problem should wait: whole seconds, since headers know no others, and at least one. */
export const retryAfterSeconds = ({ retryAfterMs }: ProblemError): number =>
	retryAfterMs === undefined ? RETRY_AFTER_SECONDS : Math.max(1, Math.ceil(retryAfterMs / 1_000));

/**
 * Clients drop what is answered with 500, and send again what is answered with 503. An unexpected error may well pass,
 * so it is the latter.
 */
export function ingestProblem(thrown: unknown, log: Log): ProblemError {
	if (thrown instanceof ProblemError && thrown.status !== 500) return thrown;
	if (thrown instanceof DecodeError) return new ProblemError(400, thrown.code, thrown.message);
	log.error({ error: messageOf(thrown), stack: thrown instanceof Error ? thrown.stack : undefined }, 'ingest failed');
	return new ProblemError(503, 'INGEST_FAILED', 'the collector could not take the request; send it again');
}

/** Where a damaged body is damaged; undefined for any other error. */
export function violationOf(thrown: unknown): FieldViolation | undefined {
	if (!(thrown instanceof DecodeError)) return undefined;
	const { field, offset } = thrown.where;
	return { field: field ?? (offset === undefined ? 'body' : `body[${offset}]`), description: thrown.message };
}
