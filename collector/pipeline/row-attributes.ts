import type { AttributeColumns } from '../../schema/span-block.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { FACTS_OF_SLOT_HIGH, FACTS_OF_SLOT_LOW, SLOT_COUNT, type SlotNames } from './facts.ts';
import { contentStart } from './string-column.ts';

export const ABSENT = 0;
export const STRING = 1;
export const INT64 = 2;
const BOOL = 3;

/** Which of the attributes that the pipeline reads one row has: type and entry of each, by slot. Empty texts count as absent. */
export class RowAttributes {
	readonly types = new Uint8Array(SLOT_COUNT);
	/** Entry in the map of the type. */
	readonly entries = new Uint32Array(SLOT_COUNT);
	/** For each row of `attributeKeys` its slot, -1 for an attribute that the pipeline does not read. */
	readonly slotOfKey: Int16Array;
	readonly #attributes: AttributeColumns;
	/** Bits of the facts that the row may have, the first 32 and the others. */
	factsLow = 0;
	#factsHigh = 0;

	constructor(spans: DecodedSpans, names: SlotNames) {
		const { attributes, attributeKeys } = spans;
		this.#attributes = attributes;
		this.slotOfKey = Int16Array.from(attributeKeys.ends, (end, key) =>
			names.find(attributeKeys.bytes, contentStart(attributeKeys, key), end),
		);
	}

	read(row: number): void {
		this.types.fill(ABSENT);
		this.factsLow = this.#factsHigh = 0;
		const { string, int64, bool } = this.#attributes;
		this.#note(STRING, string.keys, string.ends, row);
		this.#note(INT64, int64.keys, int64.ends, row);
		this.#note(BOOL, bool.keys, bool.ends, row);
	}

	/** False when the row has no attribute that the fact could be read from. */
	mayHave(fact: number): boolean {
		return (((fact < 32 ? this.factsLow : this.#factsHigh) >>> (fact & 31)) & 1) !== 0;
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
			const slot = this.slotOfKey[keys[entry] as number] as number;
			if (slot < 0 || (type === STRING && this.#isEmptyText(entry))) continue;
			this.types[slot] = type;
			this.factsLow |= FACTS_OF_SLOT_LOW[slot] as number;
			this.#factsHigh |= FACTS_OF_SLOT_HIGH[slot] as number;
			this.entries[slot] = entry;
		}
	}

	#isEmptyText(entry: number): boolean {
		const { ends } = this.#attributes.string.values;
		return (ends[entry] as number) - (entry === 0 ? 0 : (ends[entry - 1] as number)) === 1;
	}
}
