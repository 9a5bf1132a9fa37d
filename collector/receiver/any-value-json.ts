import { SPAN_MARKS } from '../../schema/span-block.ts';
import { cutEnd } from '../pipeline/utf8.ts';
import type { RowMarks } from './attribute-columns.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { ANY_VALUE, lastValue } from './any-value-wire.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import { doubleJson, int64Text } from './value-text.ts';

const EMPTY = '{}';
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * One AnyValue of the wire as OTLP/JSON text. What comes after the text has reached its limit is left out, and what is
 * nested too deep is empty, so that the text is always whole JSON; both mark the span.
 */
export class AnyValueJson {
	readonly #reader: ProtobufReader;
	readonly #marks: RowMarks;
	#room: number = DECODE_LIMITS.valueBytes;

	constructor(reader: ProtobufReader, marks: RowMarks) {
		this.#reader = reader;
		this.#marks = marks;
	}

	/** The value whose tag is next; nothing at the end of the message. */
	field(depth: number): string {
		const reader = this.#reader;
		if (reader.position === reader.limit) return this.#take(EMPTY);
		switch (reader.tag()) {
			case ANY_VALUE.string:
				return this.#take(`{"stringValue":${this.#text(reader.end())}}`);
			case ANY_VALUE.bool:
				reader.varint64();
				return this.#take(`{"boolValue":${reader.low !== 0 || reader.high !== 0}}`);
			case ANY_VALUE.int:
				reader.varint64();
				return this.#take(`{"intValue":"${int64Text(reader.low, reader.high)}"}`);
			case ANY_VALUE.double:
				reader.fixed64();
				return this.#take(`{"doubleValue":${doubleJson(reader.doubleBefore())}}`);
			case ANY_VALUE.bytes:
				return this.#take(`{"bytesValue":"${this.#base64(reader.end())}"}`);
			case ANY_VALUE.array:
				return `{"arrayValue":{"values":[${this.#elements(reader.end(), depth, () => this.#value(depth))}]}}`;
			default:
				return `{"kvlistValue":{"values":[${this.#elements(reader.end(), depth, () => this.#keyValue(depth))}]}}`;
		}
	}

	/** ArrayValue and KeyValueList alike hold their elements in field 1. */
	#elements(end: number, depth: number, read: () => string): string {
		const elements: string[] = [];
		this.#within(end, () => {
			const reader = this.#reader;
			while (reader.position < reader.limit) {
				const tag = reader.tag();
				if (tag !== 10) {
					reader.skip(tag, 'ArrayValue or KeyValueList', 0b10);
					continue;
				}
				const elementEnd = reader.end();
				if (depth === DECODE_LIMITS.valueDepth || this.#room <= 0) {
					this.#marks.set(SPAN_MARKS.cut);
					reader.position = elementEnd;
				} else elements.push(this.#within(elementEnd, read));
			}
		});
		return elements.join(',');
	}

	#value(depth: number): string {
		this.#reader.position = lastValue(this.#reader);
		return this.field(depth + 1);
	}

	#keyValue(depth: number): string {
		const reader = this.#reader;
		let key = '""';
		let value = EMPTY;
		while (reader.position < reader.limit) {
			const tag = reader.tag();
			if (tag === 10) {
				const end = reader.end();
				key = this.#text(end);
				reader.position = end;
			} else if (tag === 18) value = this.#within(reader.end(), () => this.#value(depth));
			else reader.skip(tag, 'KeyValue', 0b110);
		}
		return `{"key":${key},"value":${value}}`;
	}

	#text(end: number): string {
		const { bytes, position } = this.#reader;
		const cut = cutEnd(bytes, position, end, Math.max(this.#room, 0));
		if (cut < end) this.#marks.set(SPAN_MARKS.cut);
		this.#room -= cut - position;
		return JSON.stringify(decoder.decode(bytes.subarray(position, cut)));
	}

	#base64(end: number): string {
		const { bytes, position } = this.#reader;
		// Three bytes become four digits.
		const cut = Math.min(end, position + Math.floor(Math.max(this.#room, 0) / 4) * 3);
		if (cut < end) this.#marks.set(SPAN_MARKS.cut);
		this.#room -= Math.ceil((cut - position) / 3) * 4;
		return Buffer.from(bytes.buffer, bytes.byteOffset + position, cut - position).toString('base64');
	}

	/** Counts a scalar's frame against the limit, so that a million empty elements have one too. */
	#take(json: string): string {
		this.#room -= 16;
		return json;
	}

	/** Reads what lies up to `end`, then stands there. */
	#within<Result>(end: number, read: () => Result): Result {
		const reader = this.#reader;
		const outerLimit = reader.limit;
		reader.limit = end;
		const result = read();
		reader.limit = outerLimit;
		reader.position = end;
		return result;
	}
}
