import type { ProtobufReader } from './protobuf-reader.ts';

/** Tags of AnyValue's fields: field number and wire type. */
export const ANY_VALUE = { string: 10, bool: 16, int: 24, double: 33, array: 42, kvlist: 50, bytes: 58 } as const;
const KNOWN_FIELDS = 0b1111_1110;

/** Position of the last value in the message at hand, or the end of the message when it holds none. */
export function lastValue(reader: ProtobufReader): number {
	let last = reader.limit;
	while (reader.position < reader.limit) {
		const at = reader.position;
		const tag = reader.tag();
		switch (tag) {
			case ANY_VALUE.string:
			case ANY_VALUE.array:
			case ANY_VALUE.kvlist:
			case ANY_VALUE.bytes:
				reader.position = reader.end();
				last = at;
				break;
			case ANY_VALUE.bool:
			case ANY_VALUE.int:
				reader.varint64();
				last = at;
				break;
			case ANY_VALUE.double:
				reader.fixed64();
				last = at;
				break;
			default:
				reader.skip(tag, 'AnyValue', KNOWN_FIELDS);
		}
	}
	return last;
}
