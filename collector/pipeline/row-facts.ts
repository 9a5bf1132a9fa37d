import type { DecodedSpans } from './decoded-spans.ts';
import type { DerivedTexts } from './derived-texts.ts';
import {
	FACT_COUNT,
	KINDS_OF_SOURCE,
	PART_OF_SOURCE,
	RENAMING_OF_SOURCE,
	SLOT_OF_SOURCE,
	SOURCES_FROM,
	type SlotNames,
} from './facts.ts';
import { ABSENT, INT64, RowAttributes, STRING } from './row-attributes.ts';
import { ByteRange, URL_PARTS } from './url-parts.ts';

const UNKNOWN = -1;

/** Reads facts of one row at a time, whatever name they came under. Texts are rows of `texts.table`, 0 for none. */
export class RowFacts {
	readonly texts: DerivedTexts;
	readonly attributes: RowAttributes;
	/** Where the last text found by `find` lies in the bytes of the string map. */
	readonly range = new ByteRange();
	kind = 0;
	readonly #spans: DecodedSpans;
	/** Texts of the row's facts as far as they were asked for. */
	readonly #textOfFact = new Int32Array(FACT_COUNT);
	readonly #lastText = new Uint32Array(SLOT_OF_SOURCE.length);

	constructor(spans: DecodedSpans, texts: DerivedTexts, names: SlotNames) {
		this.#spans = spans;
		this.texts = texts;
		this.attributes = new RowAttributes(spans, names);
	}

	read(row: number): void {
		this.kind = this.#spans.kind[row] as number;
		this.attributes.read(row);
		this.#textOfFact.fill(UNKNOWN);
	}

	/** The first source that the row has, or -1. If it is a text, it lies in `range`. */
	find(fact: number): number {
		if (!this.attributes.mayHave(fact)) return UNKNOWN;
		const end = SOURCES_FROM[fact + 1] as number;
		for (let source = SOURCES_FROM[fact] as number; source < end; source++) {
			const type = this.typeOf(source);
			if (type === ABSENT || (((KINDS_OF_SOURCE[source] as number) >>> this.kind) & 1) === 0) continue;
			if (type !== STRING || this.#locate(source)) return source;
		}
		return UNKNOWN;
	}

	has(fact: number): boolean {
		return this.find(fact) >= 0;
	}

	typeOf(source: number): number {
		return this.attributes.types[SLOT_OF_SOURCE[source] as number] as number;
	}

	/** Entry of the source in the map of its type. */
	entryOf(source: number): number {
		return this.attributes.entries[SLOT_OF_SOURCE[source] as number] as number;
	}

	/** The fact as a text; numbers in decimal, booleans are not texts. */
	text(fact: number): number {
		let text = this.#textOfFact[fact] as number;
		if (text === UNKNOWN) {
			const source = this.find(fact);
			text = source < 0 ? 0 : this.textOf(source);
			this.#textOfFact[fact] = text;
		}
		return text;
	}

	/** Notes a text that was worked out by `textOf`, for those who ask next. */
	note(fact: number, text: number): void {
		this.#textOfFact[fact] = text;
	}

	/** The text of a source that `find` has just given. */
	textOf(source: number): number {
		const type = this.typeOf(source);
		const { string, int64 } = this.#spans.attributes;
		let text = 0;
		if (type === STRING) {
			// Spans that stand side by side often agree: the text of the row before is tried first.
			const { start, end } = this.range;
			text = this.texts.table.intern(string.values.bytes, start, end, this.#lastText[source]);
			this.#lastText[source] = text;
		} else if (type === INT64) text = this.texts.ofInteger(int64.values[this.entryOf(source)] as bigint);
		const renaming = RENAMING_OF_SOURCE[source];
		return renaming === undefined || text === 0 ? text : this.texts.renamed(renaming, text);
	}

	/** Whether a boolean fact is true. */
	isTrue(fact: number): boolean {
		const source = this.find(fact);
		return source >= 0 && this.#spans.attributes.bool.values[this.entryOf(source)] === 1;
	}

	/** Sets `range` to the text, or to the piece of it that is meant; false when nothing is left. */
	#locate(source: number): boolean {
		const entry = this.entryOf(source);
		const { bytes, ends } = this.#spans.attributes.string.values;
		const { range } = this;
		range.start = this.attributes.textStart(entry);
		range.end = ends[entry] as number;
		const part = PART_OF_SOURCE[source];
		if (part !== undefined) URL_PARTS[part](bytes, range.start, range.end, range);
		return range.end > range.start;
	}
}
