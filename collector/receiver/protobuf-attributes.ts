import type { TextTable } from '../pipeline/text-table.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { AttributeSink, RowMarks } from './attribute-columns.ts';
import { AttributeSet } from './attribute-set.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { emitAnyValue } from './protobuf-any-value.ts';
import type { ProtobufReader } from './protobuf-reader.ts';

/** Tags of KeyValue: field number and wire type. */
const KEY = 10;
const VALUE = 18;

/** Reads KeyValues: first all keys of a set, then, once it is known which of them count, their values. */
export class AttributeReader {
	readonly #reader: ProtobufReader;
	readonly #keys: TextTable;
	readonly #marks: RowMarks;
	readonly #set = new AttributeSet();

	constructor(reader: ProtobufReader, keys: TextTable, marks: RowMarks) {
		this.#reader = reader;
		this.#keys = keys;
		this.#marks = marks;
	}

	begin(): void {
		this.#set.begin();
	}

	/** Reads the KeyValue message that comes next. */
	read(): void {
		const reader = this.#reader;
		const end = reader.end();
		const { bytes, position } = reader;
		// What every encoder writes: key, then value, both shorter than 128 bytes, and nothing else.
		const keyStart = position + 2;
		const keyEnd = keyStart + (bytes[position + 1] as number);
		const valueStart = keyEnd + 2;
		if (
			valueStart <= end &&
			bytes[position] === KEY &&
			bytes[keyEnd] === VALUE &&
			valueStart + (bytes[keyEnd + 1] as number) === end &&
			end - position < 128
		) {
			reader.position = end;
			this.#put(keyStart, keyEnd, valueStart, end);
		} else this.#readFields(end);
	}

	#readFields(end: number): void {
		const reader = this.#reader;
		const outerLimit = reader.limit;
		reader.limit = end;
		let keyStart = 0;
		let keyEnd = 0;
		let valueStart = 0;
		let valueEnd = 0;
		while (reader.position < end) {
			const tag = reader.tag();
			if (tag === KEY) {
				keyEnd = reader.end();
				keyStart = reader.position;
				reader.position = keyEnd;
			} else if (tag === VALUE) {
				const fieldEnd = reader.end();
				// Merging an empty message into a value leaves the value.
				if (fieldEnd > reader.position || valueEnd === 0) {
					valueStart = reader.position;
					valueEnd = fieldEnd;
				}
				reader.position = fieldEnd;
			} else reader.skip(tag, 'KeyValue', 0b110);
		}
		reader.limit = outerLimit;
		this.#put(keyStart, keyEnd, valueStart, valueEnd);
	}

	/** Whether one of the set has this key. */
	has(key: number): boolean {
		return this.#set.keys.subarray(0, this.#set.count).includes(key);
	}

	/** Gives the set to the sink and returns how many attributes of it were dropped. */
	emit(sink: AttributeSink): number {
		const set = this.#set;
		for (let i = 0; i < set.count; i++) {
			emitAnyValue(
				this.#reader,
				set.valueStarts[i] as number,
				set.valueEnds[i] as number,
				set.keys[i] as number,
				sink,
				this.#marks,
			);
		}
		if (set.cut > 0) this.#marks.set(SPAN_MARKS.cut);
		return set.cut + set.unnamed;
	}

	#put(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
		const set = this.#set;
		if (keyStart === keyEnd) {
			set.unnamed++;
			return;
		}
		if (keyEnd - keyStart > DECODE_LIMITS.keyBytes) {
			set.cut++;
			return;
		}
		set.put(this.#keys.intern(this.#reader.bytes, keyStart, keyEnd, set.guess()), valueStart, valueEnd);
	}
}
