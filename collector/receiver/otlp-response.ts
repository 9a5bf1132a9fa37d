import type { OtlpEncoding } from './ingest-observer.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { Signal } from './ingest-observer.ts';

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

const shorten = (message: string): string =>
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

/** One damaged field, as google.rpc.BadRequest names it. */
export interface FieldViolation {
	field: string;
	description: string;
}

/** google.rpc.Code of the HTTP statuses that a receiver answers with. */
const GRPC_CODES: ReadonlyMap<number, number> = new Map([
	[400, 3],
	[401, 16],
	[403, 7],
	[404, 12],
	[405, 12],
	[413, 8],
	[415, 3],
	[429, 8],
	[503, 14],
]);
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

/** google.rpc.Status, in the encoding of the request. Source: googleapis, google/rpc/{status,error_details}.proto. */
export function errorStatus(
	encoding: OtlpEncoding,
	httpStatus: number,
	text: string,
	violation?: FieldViolation,
): string | Uint8Array<ArrayBuffer> {
	const code = GRPC_CODES.get(httpStatus) ?? 2;
	const message = shorten(text);
	if (encoding === 'json') {
		const details =
			violation === undefined ? {} : { details: [{ '@type': BAD_REQUEST, fieldViolations: [violation] }] };
		return JSON.stringify({ code, message, ...details });
	}
	const status = new ProtobufWriter().varint(1, code).text(2, message);
	if (violation === undefined) return status.finish();
	const inner = new ProtobufWriter().text(1, violation.field).text(2, violation.description).finish();
	const badRequest = new ProtobufWriter().bytes(1, inner).finish();
	return status.bytes(3, new ProtobufWriter().text(1, BAD_REQUEST).bytes(2, badRequest).finish()).finish();
}
