const OK = 1;
export const ERROR = 2;
const SERVER = 2;
const CLIENT = 3;

/** For a server, other codes are its client's fault. Source: semantic conventions, docs/rpc/grpc.md. */
const SERVER_FAULTS = new Set([
	'UNKNOWN',
	'DEADLINE_EXCEEDED',
	'UNIMPLEMENTED',
	'INTERNAL',
	'UNAVAILABLE',
	'DATA_LOSS',
]);

export const isHttpError = (status: number, kind: number): boolean => status >= (kind === CLIENT ? 400 : 500);

function isRpcError(status: string, kind: number): boolean {
	if (status === '' || status === '0' || status.toUpperCase() === 'OK') return false;
	return kind !== SERVER || SERVER_FAULTS.has(status.toUpperCase());
}

/**
 * Whether the span counts as a failure. What the sender decided stands; where it left the status unset, the protocol's code decides.
 * Source: semantic conventions, docs/http/http-spans.md and docs/rpc/grpc.md.
 */
export function isError(statusCode: number, kind: number, httpStatus: number, rpcStatus: string): boolean {
	if (statusCode === ERROR) return true;
	if (statusCode === OK) return false;
	return isHttpError(httpStatus, kind) || isRpcError(rpcStatus, kind);
}
