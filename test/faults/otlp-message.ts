import { encodeProto } from '../support/otlp-proto.ts';

export const TRANSPORTS = ['protobuf', 'json', 'grpc'] as const;
/** Protobuf or JSON over HTTP, or gRPC. */
export type Transport = (typeof TRANSPORTS)[number];
export type LedgerSignal = 'traces' | 'logs';

/** One request, as often as it is sent. */
export interface Message {
	signal: LedgerSignal;
	transport: Transport;
	body: Uint8Array;
}

export interface MessageContent {
	/** The id of the first span, or the span of the first log record; those after it count on. */
	firstId: number;
	count: number;
	service: string;
	name: string;
	/** Unix time at which spans end, and records were written. */
	endMs: number;
	/** Bytes of text that each span carries besides. */
	padding?: number;
}

const resourceOf = (service: string) => ({ attributes: [{ key: 'service.name', value: { stringValue: service } }] });

export function messageOf(signal: LedgerSignal, transport: Transport, content: MessageContent): Message {
	// Hexadecimal in JSON, bytes in protobuf.
	const id = (bytes: Buffer): Buffer | string => (transport === 'json' ? bytes.toString('hex') : bytes);
	const object = signal === 'traces' ? tracesOf(content, id) : logsOf(content, id);
	const name = signal === 'traces' ? 'ExportTraceServiceRequest' : 'ExportLogsServiceRequest';
	const body = transport === 'json' ? Buffer.from(JSON.stringify(object)) : encodeProto(name, object);
	return { signal, transport, body };
}

type Id = (bytes: Buffer) => Buffer | string;

function tracesOf({ firstId, count, service, name, endMs, padding = 0 }: MessageContent, id: Id) {
	const endNano = nanosOf(endMs);
	const traceId = id(traceBytes(firstId));
	const padded = padding === 0 ? [] : [{ key: 'padding', value: { stringValue: 'x'.repeat(padding) } }];
	const spans = numbered(firstId, count).map((number) => ({
		traceId,
		spanId: id(spanBytes(number)),
		name,
		kind: 2,
		startTimeUnixNano: String(endNano - 5_000_000n),
		endTimeUnixNano: String(endNano),
		attributes: [{ key: 'n', value: { intValue: number } }, ...padded],
	}));
	return { resourceSpans: [{ resource: resourceOf(service), scopeSpans: [{ spans }] }] };
}

/** Every second record belongs to a trace, the others carry an exception: those are kept without one. */
function logsOf({ firstId, count, service, name, endMs }: MessageContent, id: Id) {
	const traceId = id(traceBytes(firstId));
	const thrown = { key: 'exception.type', value: { stringValue: 'LedgerError' } };
	const logRecords = numbered(firstId, count).map((number, index) => ({
		...(index % 2 === 0 ? { traceId } : { attributes: [thrown] }),
		spanId: id(spanBytes(number)),
		timeUnixNano: String(nanosOf(endMs)),
		severityNumber: 17,
		body: { stringValue: name },
	}));
	return { resourceLogs: [{ resource: resourceOf(service), scopeLogs: [{ logRecords }] }] };
}

const numbered = (first: number, count: number): number[] => Array.from({ length: count }, (_, index) => first + index);

const nanosOf = (ms: number): bigint => BigInt(Math.round(ms)) * 1_000_000n;

function traceBytes(firstId: number): Buffer {
	const bytes = Buffer.alloc(16);
	bytes.writeBigUInt64BE(1n, 0);
	bytes.writeBigUInt64BE(BigInt(firstId), 8);
	return bytes;
}

function spanBytes(number: number): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64BE(BigInt(number));
	return bytes;
}
