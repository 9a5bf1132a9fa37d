import type { AttributeSink, RowMarks } from './attribute-columns.ts';
import { AnyValueJson } from './any-value-json.ts';
import { ANY_VALUE, lastValue } from './any-value-wire.ts';
import type { ProtobufReader } from './protobuf-reader.ts';

/** Gives the AnyValue between `start` and `end` to the sink. Of several values in it the last one counts, as in any oneof. */
export function emitAnyValue(
	reader: ProtobufReader,
	start: number,
	end: number,
	key: number,
	sink: AttributeSink,
	marks: RowMarks,
): void {
	const outerLimit = reader.limit;
	reader.position = start;
	reader.limit = end;
	if (!emitLoneValue(reader, start, end, key, sink)) {
		reader.position = start;
		reader.position = lastValue(reader);
		emitField(reader, key, sink, marks);
	}
	reader.limit = outerLimit;
	reader.position = end;
}

/** The usual case at the least cost: one text or whole number and nothing else. False when it is something else. */
function emitLoneValue(reader: ProtobufReader, start: number, end: number, key: number, sink: AttributeSink): boolean {
	if (start === end) return false;
	const tag = reader.bytes[start];
	reader.position = start + 1;
	if (tag === ANY_VALUE.string) {
		if (reader.end() !== end) return false;
		sink.string(key, reader.bytes, reader.position, end);
		return true;
	}
	if (tag !== ANY_VALUE.int) return false;
	reader.varint64();
	if (reader.position !== end) return false;
	sink.int64(key, reader.low, reader.high);
	return true;
}

function emitField(reader: ProtobufReader, key: number, sink: AttributeSink, marks: RowMarks): void {
	const at = reader.position;
	switch (at < reader.limit ? reader.tag() : 0) {
		case ANY_VALUE.string: {
			const end = reader.end();
			sink.string(key, reader.bytes, reader.position, end);
			return;
		}
		case ANY_VALUE.bool:
			reader.varint64();
			sink.bool(key, reader.low === 0 && reader.high === 0 ? 0 : 1);
			return;
		case ANY_VALUE.int:
			reader.varint64();
			sink.int64(key, reader.low, reader.high);
			return;
		case ANY_VALUE.double:
			reader.fixed64();
			sink.double(key, reader.doubleBefore(), reader.low, reader.high);
			return;
		default:
			reader.position = at;
			sink.other(key, new AnyValueJson(reader, marks).field(1));
	}
}
