import type { SlottedSource } from './attribute-slots.ts';
import type { DecodedSpans } from './decoded-spans.ts';
import { RENAMED_VALUES, type AttributeSource } from '../../schema/semantic-conventions.ts';
import { INT64, RowAttributes, STRING } from './row-attributes.ts';
import { TextTable } from './text-table.ts';
import { ByteRange, URL_PARTS } from './url-parts.ts';

type Renaming = NonNullable<AttributeSource['values']>;

/** Reads facts of one row at a time, whatever name they came under. Texts are rows of `texts`, 0 for none. */
export class RowFacts {
	readonly texts = new TextTable();
	readonly attributes: RowAttributes;
	/** Where the last text found by `find` lies in the bytes of the string map. */
	readonly range = new ByteRange();
	kind = 0;
	readonly #spans: DecodedSpans;
	/** For each renaming, the row of the new value by the row of the old one. */
	readonly #renamed = new Map<Renaming, Map<number, number>>();
	readonly #integers = new Map<bigint, number>();

	constructor(spans: DecodedSpans) {
		this.#spans = spans;
		this.attributes = new RowAttributes(spans);
	}

	read(row: number): void {
		this.kind = this.#spans.kind[row] as number;
		this.attributes.read(row);
	}

	/** The first source that the row has, with its text, if it is one, in `range`. */
	find(sources: readonly SlottedSource[]): SlottedSource | undefined {
		for (let i = 0; i < sources.length; i++) {
			const source = sources[i] as SlottedSource;
			const type = this.attributes.types[source.slot];
			if (type === 0 || (source.kinds !== undefined && !source.kinds.includes(this.kind))) continue;
			if (type !== STRING) return source;
			if (this.#locate(source)) return source;
		}
		return undefined;
	}

	/** The fact as a text; numbers in decimal, booleans are not texts. */
	text(sources: readonly SlottedSource[]): number {
		const source = this.find(sources);
		return source === undefined ? 0 : this.textOf(source);
	}

	/** The text of a source that `find` has just given. */
	textOf(source: SlottedSource): number {
		const type = this.attributes.types[source.slot];
		let text = 0;
		if (type === STRING)
			text = this.texts.intern(this.#spans.attributes.string.values.bytes, this.range.start, this.range.end);
		else if (type === INT64) text = this.#integerText(this.attributes.entries[source.slot] as number);
		return source.values === undefined || text === 0 ? text : this.#rename(source.values, text);
	}

	/** Whether a boolean fact is true. */
	isTrue(sources: readonly SlottedSource[]): boolean {
		const source = this.find(sources);
		return (
			source !== undefined && this.#spans.attributes.bool.values[this.attributes.entries[source.slot] as number] === 1
		);
	}

	/** Sets `range` to the text, or to the piece of it that is meant; false when nothing is left. */
	#locate(source: SlottedSource): boolean {
		const entry = this.attributes.entries[source.slot] as number;
		const { bytes, ends } = this.#spans.attributes.string.values;
		this.range.start = this.attributes.textStart(entry);
		this.range.end = ends[entry] as number;
		if (source.part !== undefined) URL_PARTS[source.part](bytes, this.range.start, this.range.end, this.range);
		return this.range.end > this.range.start;
	}

	#integerText(entry: number): number {
		const value = this.#spans.attributes.int64.values[entry] as bigint;
		let text = this.#integers.get(value);
		if (text === undefined) {
			text = this.texts.internText(String(value));
			this.#integers.set(value, text);
		}
		return text;
	}

	#rename(renaming: Renaming, old: number): number {
		let known = this.#renamed.get(renaming);
		if (known === undefined) {
			known = new Map();
			this.#renamed.set(renaming, known);
		}
		let renamed = known.get(old);
		if (renamed === undefined) {
			const text = this.texts.text(old);
			renamed = this.texts.internText(RENAMED_VALUES[renaming].get(text) ?? text);
			known.set(old, renamed);
		}
		return renamed;
	}
}
