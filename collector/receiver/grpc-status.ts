import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { ProblemError } from '../problem.ts';
import { retryAfterSeconds } from './ingest-problem.ts';
import { encodeRpcStatus, rpcCode, type FieldViolation } from './rpc-status.ts';

/** Message and details travel as headers, percent-encoded; clients refuse more than 8 KiB of them. */
const MAX_TEXT_LENGTH = 300;

/** Half a surrogate pair can't be written as a header. */
const headerText = (text: string): string =>
	(text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH - 1)}…`).toWellFormed();

/** google.rpc.Code and the enum have the same numbers. */
const memberOf = (code: number): status => status[status[code] as keyof typeof status];

/**
 * What a client is answered, with the details that OTLP asks for: where a request is damaged, and when it may be sent
 * again. A client must not send again what was answered RESOURCE_EXHAUSTED without RetryInfo.
 * Source: OTLP specification, "OTLP/gRPC Response" and "OTLP/gRPC Throttling".
 */
export function grpcStatus(problem: ProblemError, violation?: FieldViolation): StatusObject {
	const code = rpcCode(problem.status);
	const details = headerText(problem.message);
	const mayRetry = problem.status === 503 || problem.status === 429;
	const metadata = new Metadata();
	const encoded = encodeRpcStatus(code, details, {
		violation: violation && { field: headerText(violation.field), description: headerText(violation.description) },
		retryAfterSeconds: mayRetry ? retryAfterSeconds(problem) : undefined,
	});
	metadata.set('grpc-status-details-bin', Buffer.from(encoded));
	return { code: memberOf(code), details, metadata };
}

/** HTTP statuses that say the same as what grpc-js answers by itself before a request is whole. */
const HTTP_STATUSES: ReadonlyMap<number, number> = new Map([
	[status.INVALID_ARGUMENT, 400],
	// A message that can't be inflated.
	[status.INTERNAL, 400],
	[status.RESOURCE_EXHAUSTED, 413],
	// A message packed with something else than gzip or deflate.
	[status.UNIMPLEMENTED, 415],
	[status.DEADLINE_EXCEEDED, 408],
]);

export const httpStatusOf = (code: number): number => HTTP_STATUSES.get(code) ?? 400;
