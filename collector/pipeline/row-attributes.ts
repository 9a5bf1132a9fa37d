import type { AttributeColumns, StringColumn } from '../../schema/span-block.ts';
import { ATTRIBUTE_SLOTS } from './attribute-slots.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { textAt } from './string-column.ts';

export const ABSENT = 0;
export const STRING = 1;
export const INT64 = 2;
export const BOOL = 3;

/** For each row of `attributeKeys` its slot, -1 for an attribute that the pipeline does not read. */
function slotsOfKeys(keys: StringColumn): Int16Array {
	return Int16Array.from(keys.ends, (_, key) => ATTRIBUTE_SLOTS.get(textAt(keys, key)) ?? -1);
}

/** Which of the attributes that the pipeline reads one row has: type and entry of each, by slot. Empty texts count as absent. */
export class RowAttributes {
	readonly types = new Uint8Array(ATTRIBUTE_SLOTS.size);
	/** Entry in the map of the type. */
	readonly entries = new Uint32Array(ATTRIBUTE_SLOTS.size);
	readonly #attributes: AttributeColumns;
	readonly #slotOfKey: Int16Array;

	constructor(spans: DecodedSpans) {
		this.#attributes = spans.attributes;
		this.#slotOfKey = slotsOfKeys(spans.attributeKeys);
	}

	read(row: number): void {
		this.types.fill(ABSENT);
		const { string, int64, bool } = this.#attributes;
		this.#note(STRING, string.keys, string.ends, row);
		this.#note(INT64, int64.keys, int64.ends, row);
		this.#note(BOOL, bool.keys, bool.ends, row);
	}

	has(slot: number): boolean {
		return this.types[slot] !== ABSENT;
	}

	/** Start of a text's bytes; they end at `ends[entry]` of the column. */
	textStart(entry: number): number {
		const { bytes, ends } = this.#attributes.string.values;
		let at = entry === 0 ? 0 : (ends[entry - 1] as number);
		while ((bytes[at] as number) > 0x7f) at++;
		return at + 1;
	}

	#note(type: number, keys: Uint32Array, ends: Uint32Array, row: number): void {
		const end = ends[row] as number;
		for (let entry = row === 0 ? 0 : (ends[row - 1] as number); entry < end; entry++) {
			const slot = this.#slotOfKey[keys[entry] as number] as number;
			if (slot < 0 || (type === STRING && this.#isEmptyText(entry))) continue;
			this.types[slot] = type;
			this.entries[slot] = entry;
		}
	}

	#isEmptyText(entry: number): boolean {
		const { ends } = this.#attributes.string.values;
		return (ends[entry] as number) - (entry === 0 ? 0 : (ends[entry - 1] as number)) === 1;
	}
}
