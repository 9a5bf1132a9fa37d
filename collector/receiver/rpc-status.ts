import { ProtobufWriter } from './protobuf-writer.ts';

/** One damaged field, as google.rpc.BadRequest names it. */
export interface FieldViolation {
	field: string;
	description: string;
}

/** What goes with an error beside code and message. */
export interface RpcStatusDetails {
	violation?: FieldViolation | undefined;
	/** Tells gRPC clients that the request may be sent again, and when. */
	retryAfterSeconds?: number | undefined;
}

/** google.rpc.Code of the HTTP statuses that a receiver answers with. */
const RPC_CODES: ReadonlyMap<number, number> = new Map([
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
const UNKNOWN = 2;

export const rpcCode = (httpStatus: number): number => RPC_CODES.get(httpStatus) ?? UNKNOWN;

const typeUrl = (name: string): string => `type.googleapis.com/google.rpc.${name}`;
export const BAD_REQUEST = typeUrl('BadRequest');
const RETRY_INFO = typeUrl('RetryInfo');

/** google.rpc.Status as protobuf. Source: googleapis, google/rpc/{status,error_details}.proto. */
export function encodeRpcStatus(
	code: number,
	message: string,
	{ violation, retryAfterSeconds }: RpcStatusDetails,
): Uint8Array<ArrayBuffer> {
	const status = new ProtobufWriter().varint(1, code).text(2, message);
	if (violation !== undefined) {
		const inner = new ProtobufWriter().text(1, violation.field).text(2, violation.description).finish();
		status.bytes(3, encodeAny(BAD_REQUEST, new ProtobufWriter().bytes(1, inner).finish()));
	}
	if (retryAfterSeconds !== undefined) {
		const delay = new ProtobufWriter().varint(1, retryAfterSeconds).finish();
		status.bytes(3, encodeAny(RETRY_INFO, new ProtobufWriter().bytes(1, delay).finish()));
	}
	return status.finish();
}

const encodeAny = (type: string, value: Uint8Array): Uint8Array =>
	new ProtobufWriter().text(1, type).bytes(2, value).finish();
