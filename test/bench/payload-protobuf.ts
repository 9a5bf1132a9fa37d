import type { Encoded, Patcher, PatchPoints } from './otlp-payload.ts';
import { SERVICES, type TrafficSpan, type Value } from './traffic.ts';

/** Grows from its end, so that the length in front of a message is known when it is written; positions count from the end. */
class BackwardWriter {
	bytes = new Uint8Array(1 << 16);
	length = 0;

	byte(value: number): void {
		if (this.length === this.bytes.length) {
			const larger = new Uint8Array(this.bytes.length * 2);
			larger.set(this.bytes, this.bytes.length);
			this.bytes = larger;
		}
		this.length++;
		this.bytes[this.bytes.length - this.length] = value;
	}

	zeros(count: number): void {
		for (let i = 0; i < count; i++) this.byte(0);
	}

	varint(value: number): void {
		const digits: number[] = [];
		let rest = value;
		do {
			digits.push((rest % 128) | (rest > 127 ? 128 : 0));
			rest = Math.floor(rest / 128);
		} while (rest > 0);
		for (const digit of digits.toReversed()) this.byte(digit);
	}

	/** Writes the tag and length of what was written since `before`. */
	close(field: number, before: number): void {
		this.varint(this.length - before);
		this.varint(field * 8 + 2);
	}

	text(field: number, value: string): void {
		const before = this.length;
		for (const byte of Buffer.from(value).toReversed()) this.byte(byte);
		this.close(field, before);
	}

	finish(): Uint8Array {
		return this.bytes.slice(this.bytes.length - this.length);
	}
}

function writeAttributes(writer: BackwardWriter, field: number, attributes: Record<string, Value>): void {
	for (const [key, value] of Object.entries(attributes).toReversed()) {
		const pair = writer.length;
		const any = writer.length;
		writeValue(writer, value);
		writer.close(2, any);
		writer.text(1, key);
		writer.close(field, pair);
	}
}

function writeValue(writer: BackwardWriter, value: Value): void {
	if (typeof value === 'string') writer.text(1, value);
	else if (typeof value === 'boolean') {
		writer.byte(value ? 1 : 0);
		writer.varint(2 * 8);
	} else if (Number.isInteger(value)) {
		writer.varint(value);
		writer.varint(3 * 8);
	} else {
		for (const byte of new Uint8Array(Float64Array.of(value).buffer).toReversed()) writer.byte(byte);
		writer.varint(4 * 8 + 1);
	}
}

function writeSpan(writer: BackwardWriter, span: TrafficSpan, points: PatchPoints): void {
	const before = writer.length;
	for (let i = 0; i < 4; i++) writer.byte(i === 2 ? 1 : i === 3 ? 1 : 0);
	writer.varint(16 * 8 + 5);
	if (span.failed) {
		const status = writer.length;
		writer.byte(2);
		writer.varint(3 * 8);
		writer.text(2, 'upstream request timeout');
		writer.close(15, status);
		writeException(writer, span, points);
	}
	writeAttributes(writer, 9, span.attributes);
	writeTime(writer, 8, span.endBefore, points);
	writeTime(writer, 7, span.startBefore, points);
	writer.varint(span.kind);
	writer.varint(6 * 8);
	writer.text(5, span.name);
	if (span.parent !== undefined) writeId(writer, 4, 8, span.parent, points.spanIds);
	writeId(writer, 2, 8, span.id, points.spanIds);
	writeId(writer, 1, 16, span.trace, points.traceIds);
	writer.close(2, before);
}

function writeException(writer: BackwardWriter, span: TrafficSpan, points: PatchPoints): void {
	const before = writer.length;
	writeAttributes(writer, 3, EXCEPTION);
	writer.text(2, 'exception');
	writeTime(writer, 1, span.endBefore, points);
	writer.close(11, before);
}

export const EXCEPTION = {
	'exception.type': 'java.net.SocketTimeoutException',
	'exception.message': 'Read timed out',
	'exception.stacktrace': Array.from(
		{ length: 12 },
		(_, i) => `\tat com.shop.order.Client.call(Client.java:${i + 40})`,
	).join('\n'),
};

function writeId(
	writer: BackwardWriter,
	field: number,
	size: number,
	number: number,
	points: [number, number][],
): void {
	const before = writer.length;
	writer.zeros(size);
	points.push([writer.length, number]);
	writer.close(field, before);
}

function writeTime(writer: BackwardWriter, field: number, nanosBefore: number, points: PatchPoints): void {
	writer.zeros(8);
	points.times.push([writer.length, nanosBefore]);
	writer.varint(field * 8 + 1);
}

/** One ResourceSpans for each service that has spans, as the OpenTelemetry Collector batches them. */
export function encodeProtobuf(spans: readonly TrafficSpan[]): Encoded {
	const writer = new BackwardWriter();
	const points: PatchPoints = { traceIds: [], spanIds: [], times: [] };
	const byService = Map.groupBy(spans, (span) => span.service);
	for (const [service, own] of [...byService].toReversed()) {
		const resourceSpans = writer.length;
		const scopeSpans = writer.length;
		for (const span of own.toReversed()) writeSpan(writer, span, points);
		const scope = writer.length;
		writer.text(2, '0.208.0');
		writer.text(1, '@opentelemetry/instrumentation-http');
		writer.close(1, scope);
		writer.close(2, scopeSpans);
		const resource = writer.length;
		writeAttributes(writer, 1, SERVICES[service]?.attributes ?? {});
		writer.close(1, resource);
		writer.close(1, resourceSpans);
	}
	const body = writer.finish();
	const fromStart = (list: [number, number][]): [number, number][] =>
		list.map(([end, value]) => [body.length - end, value]);
	return {
		body,
		points: {
			traceIds: fromStart(points.traceIds),
			spanIds: fromStart(points.spanIds),
			times: fromStart(points.times),
		},
		patcher: binaryPatcher(body),
	};
}

function binaryPatcher(body: Uint8Array): Patcher {
	const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
	return {
		id: (_, position, words) => words.forEach((word, i) => view.setUint32(position + i * 4, word)),
		time: (_, position, low, high) => {
			view.setUint32(position, low, true);
			view.setUint32(position + 4, high, true);
		},
	};
}
