import { RENAMED_VALUES, type AttributeSource } from '../../schema/semantic-conventions.ts';
import type { DictionaryColumn } from '../../schema/span-block.ts';
import { StringColumnBuilder } from './growable-columns.ts';
import { TextTable } from './text-table.ts';

type Renaming = NonNullable<AttributeSource['values']>;

const MAX_KEPT_TEXTS = 50_000;
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * The texts that facts and names are made of. They repeat from request to request, so they are kept, with what was worked
 * out from them, until there are too many.
 */
export class DerivedTexts {
	readonly table = new TextTable();
	readonly #renamed = new Map<Renaming, Map<number, number>>();
	readonly #integers = new Map<bigint, number>();
	/** For each text its row in the dictionary made last, if `#seenBy` says that it is of that dictionary. */
	#rowOf = new Uint32Array(1024);
	#seenBy = new Uint32Array(1024);
	#dictionaries = 0;
	readonly #dictionary = new StringColumnBuilder();
	/** Texts as strings, as far as they were asked for. */
	readonly #strings: (string | undefined)[] = [];
	readonly #rowOfString = new Map<string, number>([['', 0]]);

	get isFull(): boolean {
		return this.table.length > MAX_KEPT_TEXTS || this.table.end(this.table.length - 1) > MAX_KEPT_BYTES;
	}

	text(row: number): string {
		// Written in order, for an array with gaps is a slow one.
		while (this.#strings.length <= row) this.#strings.push(undefined);
		return (this.#strings[row] ??= this.table.text(row));
	}

	/** Row of a text that is likely to be asked for again. */
	ofText(text: string): number {
		let row = this.#rowOfString.get(text);
		if (row === undefined) {
			row = this.table.internText(text);
			this.#rowOfString.set(text, row);
		}
		return row;
	}

	ofInteger(value: bigint): number {
		let text = this.#integers.get(value);
		if (text === undefined) {
			text = this.table.internText(String(value));
			this.#integers.set(value, text);
		}
		return text;
	}

	/** What the newer conventions call a value. */
	renamed(renaming: Renaming, old: number): number {
		let known = this.#renamed.get(renaming);
		if (known === undefined) {
			known = new Map();
			this.#renamed.set(renaming, known);
		}
		let renamed = known.get(old);
		if (renamed === undefined) {
			const text = this.text(old);
			renamed = this.ofText(RENAMED_VALUES[renaming].get(text) ?? text);
			known.set(old, renamed);
		}
		return renamed;
	}

	/** A column of texts as a column with a dictionary of its own, which holds just what the column uses. The array is changed. */
	toDictionary(texts: Uint32Array): DictionaryColumn {
		this.#reserve();
		const stamp = ++this.#dictionaries;
		const dictionary = this.#dictionary;
		dictionary.appendEmpty();
		for (let row = 0; row < texts.length; row++) {
			const text = texts[row] as number;
			if (text === 0) continue;
			if (this.#seenBy[text] !== stamp) {
				this.#seenBy[text] = stamp;
				this.#rowOf[text] = dictionary.ends.length;
				dictionary.append(this.table.bytes, this.table.start(text), this.table.end(text));
			}
			texts[row] = this.#rowOf[text] as number;
		}
		return { ids: texts, dictionary: dictionary.finish() };
	}

	#reserve(): void {
		if (this.table.length <= this.#rowOf.length) return;
		this.#rowOf = new Uint32Array(this.table.length * 2);
		this.#seenBy = new Uint32Array(this.table.length * 2);
	}
}
