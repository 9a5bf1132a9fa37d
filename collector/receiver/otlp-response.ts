import type { OtlpEncoding, Signal } from './ingest-observer.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { BAD_REQUEST, encodeRpcStatus, rpcCode, type FieldViolation } from './rpc-status.ts';

/** What of a request was not kept, and why. */
export interface PartialSuccess {
	rejected: number;
	message: string;
}

const REJECTED_FIELD: Record<Signal, string> = {
	traces: 'rejectedSpans',
	metrics: 'rejectedDataPoints',
	logs: 'rejectedLogRecords',
};
const MAX_MESSAGE_LENGTH = 1024;

/** An answer stays small whatever it quotes. */
export const shorten = (message: string): string =>
	message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;

/** ExportTraceServiceResponse and its two sisters: empty unless something was not kept. Source: OTLP specification, "Partial Success". */
export function exportResponse(signal: Signal, encoding: OtlpEncoding, partial: PartialSuccess | undefined) {
	if (partial === undefined) return encoding === 'json' ? '{}' : new Uint8Array();
	const message = shorten(partial.message);
	if (encoding === 'json') {
		// A 64-bit number is a text in proto3 JSON; 0 is left out.
		const rejected = partial.rejected === 0 ? {} : { [REJECTED_FIELD[signal]]: String(partial.rejected) };
		return JSON.stringify({ partialSuccess: { ...rejected, errorMessage: message } });
	}
	const inner = new ProtobufWriter().varint(1, partial.rejected).text(2, message).finish();
	return new ProtobufWriter().bytes(1, inner).finish();
}

/** google.rpc.Status, in the encoding of the request. */
export function errorStatus(
	encoding: OtlpEncoding,
	httpStatus: number,
	text: string,
	violation?: FieldViolation,
): string | Uint8Array<ArrayBuffer> {
	const code = rpcCode(httpStatus);
	const message = shorten(text);
	if (encoding === 'protobuf') return encodeRpcStatus(code, message, { violation });
	const details = violation === undefined ? {} : { details: [{ '@type': BAD_REQUEST, fieldViolations: [violation] }] };
	return JSON.stringify({ code, message, ...details });
}
