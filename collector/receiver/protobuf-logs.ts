import { TextTable } from '../pipeline/text-table.ts';
import { AttributeList } from './attribute-list.ts';
import { LogCollector } from './log-collector.ts';
import type { LogContext } from './log-collector.ts';
import { emitAnyValue } from './protobuf-any-value.ts';
import { AttributeReader } from './protobuf-attributes.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { SourceReader, wireSource } from './protobuf-sources.ts';
import type { WireSource } from './protobuf-sources.ts';
import { saturated } from './saturated.ts';

const KNOWN_LOG_FIELDS = 0b1_1111_1110_1110;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Where the parts of one record lie, and its numbers. */
class LogFields {
	timeLow = 0;
	timeHigh = 0;
	observedLow = 0;
	observedHigh = 0;
	severity = 0;
	flags = 0;
	droppedAttributes = 0;
	/** Start and end in the bytes, equal when absent. */
	readonly severityText: [start: number, end: number] = [0, 0];
	readonly eventName: [start: number, end: number] = [0, 0];
	readonly body: [start: number, end: number] = [0, 0];
	readonly traceId: [start: number, end: number] = [0, 0];
	readonly spanId: [start: number, end: number] = [0, 0];
	hasBody = false;
}

/** An ExportLogsServiceRequest in protobuf. Throws a DecodeError on structural damage. */
export function decodeProtobufLogs(bytes: Uint8Array, context: LogContext): LogCollector {
	const collector = new LogCollector(context);
	new ProtobufLogs(bytes, collector).read();
	return collector;
}

class ProtobufLogs {
	readonly #reader = new ProtobufReader();
	readonly #collector: LogCollector;
	readonly #sources: SourceReader;
	readonly #keys = new TextTable();
	readonly #exceptionKeys: readonly number[];
	readonly #attributes: AttributeReader;

	constructor(bytes: Uint8Array, collector: LogCollector) {
		this.#reader.open(bytes);
		this.#collector = collector;
		this.#sources = new SourceReader(this.#reader, collector);
		this.#sources.open();
		this.#exceptionKeys = ['exception.type', 'exception.message'].map((key) => this.#keys.internText(key));
		this.#attributes = new AttributeReader(this.#reader, this.#keys, collector.marks);
	}

	read(): void {
		this.#eachMessage(10, 'ExportLogsServiceRequest', 0b10, () => {
			const resource = wireSource(this.#reader, 'ResourceLogs');
			this.#eachMessage(18, 'ResourceLogs', 0, () => {
				const scope = wireSource(this.#reader, 'ScopeLogs');
				this.#eachMessage(18, 'ScopeLogs', 0, () => this.#record(resource, scope));
			});
		});
	}

	/** Calls back within each message of the tag; `reader.limit` is its end then. */
	#eachMessage(wanted: number, message: string, known: number, read: () => void): void {
		const reader = this.#reader;
		while (reader.position < reader.limit) {
			const tag = reader.tag();
			if (tag !== wanted) {
				reader.skip(tag, message, known);
				continue;
			}
			const end = reader.end();
			const outerLimit = reader.limit;
			reader.limit = end;
			read();
			reader.limit = outerLimit;
			reader.position = end;
		}
	}

	#record(resource: WireSource, scope: WireSource): void {
		const fields = this.#scan();
		const traceId = this.#id(fields.traceId, 16);
		const hasException = this.#exceptionKeys.some((key) => this.#attributes.has(key));
		if (this.#collector.wants(traceId !== '', hasException)) this.#emit(fields, traceId, resource, scope);
	}

	#scan(): LogFields {
		const reader = this.#reader;
		const fields = new LogFields();
		this.#attributes.begin();
		while (reader.position < reader.limit) {
			const tag = reader.tag();
			if (tag === 50) this.#attributes.read();
			else if (!this.#scanNumber(tag, fields)) this.#scanRange(tag, fields);
		}
		return fields;
	}

	#scanNumber(tag: number, fields: LogFields): boolean {
		const reader = this.#reader;
		if (tag === 9 || tag === 89) {
			reader.fixed64();
			if (tag === 9) [fields.timeLow, fields.timeHigh] = [reader.low, reader.high];
			else [fields.observedLow, fields.observedHigh] = [reader.low, reader.high];
		} else if (tag === 16) fields.severity = reader.varint32();
		else if (tag === 56) fields.droppedAttributes = reader.varint32();
		else if (tag === 69) fields.flags = reader.fixed32();
		else return false;
		return true;
	}

	#scanRange(tag: number, fields: LogFields): void {
		const reader = this.#reader;
		const range = rangeOf(tag, fields);
		if (range === undefined) {
			reader.skip(tag, 'LogRecord', KNOWN_LOG_FIELDS);
			return;
		}
		range[1] = reader.end();
		range[0] = reader.position;
		reader.position = range[1];
		if (range === fields.body) fields.hasBody = true;
	}

	#emit(fields: LogFields, traceId: string, resourceSource: WireSource, scopeSource: WireSource): void {
		const { marks } = this.#collector;
		const resource = this.#sources.resource(resourceSource);
		const scope = this.#sources.scope(scopeSource);
		marks.bits = resource.marks | scope.marks;
		const attributes = new AttributeList(this.#keys, marks);
		const lost = this.#attributes.emit(attributes);
		this.#collector.droppedAttributes += lost;
		const record = {
			traceId,
			spanId: this.#id(fields.spanId, 8),
			timeUnixNano: String(nanos(fields.timeLow, fields.timeHigh)),
			observedUnixNano: String(nanos(fields.observedLow, fields.observedHigh)),
			severity: fields.severity > 24 ? 0 : fields.severity,
			severityText: this.#text(fields.severityText),
			eventName: this.#text(fields.eventName),
			body: fields.hasBody ? this.#body(fields.body) : '',
			attributes: attributes.sorted(),
			droppedAttributes: saturated(fields.droppedAttributes + lost),
			flags: fields.flags,
			resource: resource.row,
			scope: scope.row,
		};
		this.#collector.add({ ...record, marks: marks.bits });
	}

	#body([start, end]: readonly [number, number]): string {
		const { marks } = this.#collector;
		const body = new AttributeList(this.#keys, marks);
		emitAnyValue(this.#reader, start, end, 0, body, marks);
		return body.sorted()[0]?.[1] ?? '';
	}

	#text([start, end]: readonly [number, number]): string {
		const { bytes } = this.#reader;
		return decoder.decode(bytes.subarray(start, this.#collector.marks.cut(bytes, start, end)));
	}

	/** Hexadecimal; empty for one of another length, or of zeros. */
	#id([start, end]: readonly [number, number], length: number): string {
		if (end - start !== length) return '';
		const hex = Buffer.from(this.#reader.bytes.subarray(start, end)).toString('hex');
		return /[^0]/.test(hex) ? hex : '';
	}
}

function rangeOf(tag: number, fields: LogFields): [start: number, end: number] | undefined {
	switch (tag) {
		case 26:
			return fields.severityText;
		case 42:
			return fields.body;
		case 74:
			return fields.traceId;
		case 82:
			return fields.spanId;
		case 98:
			return fields.eventName;
		default:
			return undefined;
	}
}

const nanos = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);
