import type { AttributeColumns, MapColumn, StringColumn } from '../../schema/span-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import { StringColumnBuilder, Uint32List, Uint8List, Words64List } from '../pipeline/growable-columns.ts';
import { cutEnd } from '../pipeline/utf8.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { doubleText, int64Text } from './value-text.ts';

/** Takes the attributes of one span, event or link, each key once. Keys are rows of the block's `attributeKeys`. */
export interface AttributeSink {
	string(key: number, source: Uint8Array, start: number, end: number): void;
	int64(key: number, low: number, high: number): void;
	/** `low` and `high` are the words of `value`, so that every NaN stays itself. */
	double(key: number, value: number, low: number, high: number): void;
	bool(key: number, value: number): void;
	/** Bytes, arrays, maps and empty values, as OTLP/JSON AnyValue. */
	other(key: number, json: string): void;
}

/** Bits of SPAN_MARKS that the span at hand has earned so far. */
export class RowMarks {
	bits = 0;

	set(mark: number): void {
		this.bits |= mark;
	}

	/** Where a text ends when it may have at most `maxBytes`; marks the span when that cuts it. */
	cut(source: Uint8Array, start: number, end: number, maxBytes: number = DECODE_LIMITS.valueBytes): number {
		if (end - start <= maxBytes) return end;
		this.bits |= SPAN_MARKS.cut;
		return cutEnd(source, start, end, maxBytes);
	}
}

class TypedMap<Values> {
	readonly ends = new Uint32List();
	readonly keys = new Uint32List();
	readonly values: Values;

	constructor(values: Values) {
		this.values = values;
	}

	endRow(): void {
		this.ends.push(this.keys.length);
	}

	lend<Lent>(values: Lent): MapColumn<Lent> {
		return { ends: this.ends.lend(), keys: this.keys.lend(), values };
	}
}

/** A map for each type, as spans have them. */
export class TypedAttributes implements AttributeSink {
	readonly #string = new TypedMap(new StringColumnBuilder());
	readonly #int64 = new TypedMap(new Words64List());
	readonly #double = new TypedMap(new Words64List());
	readonly #bool = new TypedMap(new Uint8List());
	readonly #other = new TypedMap(new StringColumnBuilder());
	readonly #marks: RowMarks;

	constructor(marks: RowMarks) {
		this.#marks = marks;
	}

	string(key: number, source: Uint8Array, start: number, end: number): void {
		this.#string.keys.push(key);
		this.#string.values.append(source, start, this.#marks.cut(source, start, end));
	}

	int64(key: number, low: number, high: number): void {
		this.#int64.keys.push(key);
		this.#int64.values.push(low, high);
	}

	double(key: number, _value: number, low: number, high: number): void {
		this.#double.keys.push(key);
		this.#double.values.push(low, high);
	}

	bool(key: number, value: number): void {
		this.#bool.keys.push(key);
		this.#bool.values.push(value);
	}

	other(key: number, json: string): void {
		this.#other.keys.push(key);
		this.#other.values.appendText(json);
	}

	endRow(): void {
		this.#string.endRow();
		this.#int64.endRow();
		this.#double.endRow();
		this.#bool.endRow();
		this.#other.endRow();
	}

	lend(): AttributeColumns {
		return {
			string: this.#string.lend(this.#string.values.lend()),
			int64: this.#int64.lend(this.#int64.values.lendSigned()),
			double: this.#double.lend(this.#double.values.lendDouble()),
			bool: this.#bool.lend(this.#bool.values.lend()),
			other: this.#other.lend(this.#other.values.lend()),
		};
	}
}

const TAG = { string: 0x73, int64: 0x69, double: 0x64, bool: 0x62, other: 0x6a } as const;

/** One map whose values carry their type in front, as events and links have them. */
export class TaggedAttributes implements AttributeSink {
	readonly #map = new TypedMap(new StringColumnBuilder());
	readonly #marks: RowMarks;

	constructor(marks: RowMarks) {
		this.#marks = marks;
	}

	string(key: number, source: Uint8Array, start: number, end: number): void {
		this.#map.keys.push(key);
		this.#map.values.append(source, start, this.#marks.cut(source, start, end), TAG.string);
	}

	int64(key: number, low: number, high: number): void {
		this.#append(key, int64Text(low, high), TAG.int64);
	}

	double(key: number, value: number): void {
		this.#append(key, doubleText(value), TAG.double);
	}

	bool(key: number, value: number): void {
		this.#append(key, value === 0 ? 'false' : 'true', TAG.bool);
	}

	other(key: number, json: string): void {
		this.#append(key, json, TAG.other);
	}

	endRow(): void {
		this.#map.endRow();
	}

	lend(): MapColumn<StringColumn> {
		return this.#map.lend(this.#map.values.lend());
	}

	#append(key: number, text: string, tag: number): void {
		this.#map.keys.push(key);
		this.#map.values.appendText(text, tag);
	}
}
