import type { DictionaryColumn, MapColumn, StringColumn } from '../../schema/span-block.ts';

/** The version that a LowCardinality column announces, and what its data begins with: keys follow, indexes are UInt32. */
const dictionaryVersion = 1;
const dictionaryFlags = 0x600 | 2;

/**
 * One block of ClickHouse's Native format, written column by column into one growing buffer. What is already framed as the
 * format wants it (numbers, texts) is copied as it is. Several pieces make one column: those of all blocks of an insert.
 */
export class NativeBuilder {
	#bytes = Buffer.allocUnsafe(1 << 20);
	#length = 0;

	constructor(columns: number, rows: number) {
		this.varint(columns);
		this.varint(rows);
	}

	finish(): Buffer {
		return this.#bytes.subarray(0, this.#length);
	}

	header(name: string, type: string): void {
		this.text(name);
		this.text(type);
	}

	varint(value: number): void {
		this.#reserve(10);
		while (value > 127) {
			this.#bytes[this.#length++] = (value % 128) | 128;
			value = Math.floor(value / 128);
		}
		this.#bytes[this.#length++] = value;
	}

	text(value: string): void {
		const length = Buffer.byteLength(value);
		this.varint(length);
		this.#reserve(length);
		this.#length += this.#bytes.write(value, this.#length);
	}

	uint64(value: number): void {
		this.#reserve(8);
		this.#length = this.#bytes.writeBigUInt64LE(BigInt(value), this.#length);
	}

	/** The memory of a typed array, which on every machine that Node runs on is little-endian, as the format is. */
	raw(values: ArrayBufferView): void {
		this.#reserve(values.byteLength);
		this.#bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.#length);
		this.#length += values.byteLength;
	}

	/** Where each row's elements end, counted over all pieces. */
	ends(pieces: readonly Uint32Array[]): void {
		let base = 0;
		for (const ends of pieces) {
			// Low and high halves: below 2^32 elements the high ones stay 0.
			const halves = new Uint32Array(ends.length * 2);
			for (let row = 0; row < ends.length; row += 1) halves[row * 2] = base + (ends[row] ?? 0);
			this.raw(halves);
			base += ends.at(-1) ?? 0;
		}
	}

	/** What comes before the data of a dictionary column, or before the offsets of arrays and maps that hold one. */
	dictionaryPrefix(): void {
		this.uint64(dictionaryVersion);
	}

	/** The dictionaries one after the other, and ids shifted accordingly: a text may stand in it twice. */
	dictionary(pieces: readonly DictionaryColumn[]): void {
		const rows = sum(pieces.map((piece) => piece.ids.length));
		if (rows === 0) return;
		this.uint64(dictionaryFlags);
		this.uint64(sum(pieces.map((piece) => piece.dictionary.ends.length)));
		for (const piece of pieces) this.raw(piece.dictionary.bytes);
		this.uint64(rows);
		let base = 0;
		for (const { ids, dictionary } of pieces) {
			this.raw(base === 0 ? ids : shift(ids, base));
			base += dictionary.ends.length;
		}
	}

	/** Offsets and keys; the caller writes the values. `keys[i]` is what `maps[i].keys` points into. */
	mapKeys(maps: readonly MapColumn<unknown>[], keys: readonly StringColumn[]): void {
		this.ends(maps.map((map) => map.ends));
		this.dictionary(maps.map((map, index) => ({ ids: map.keys, dictionary: keys[index] ?? noStrings })));
	}

	#reserve(bytes: number): void {
		const needed = this.#length + bytes;
		if (needed <= this.#bytes.length) return;
		const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
		larger.set(this.#bytes.subarray(0, this.#length));
		this.#bytes = larger;
	}
}

const noStrings: StringColumn = { bytes: new Uint8Array(0), ends: new Uint32Array(0) };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function shift(ids: Uint32Array, base: number): Uint32Array {
	const shifted = new Uint32Array(ids.length);
	for (let row = 0; row < ids.length; row += 1) shifted[row] = (ids[row] ?? 0) + base;
	return shifted;
}

/** Texts in the framing of `StringColumn`. */
export function frameStrings(texts: readonly string[]): StringColumn {
	const frames = texts.map((text) => {
		const bytes = Buffer.from(text);
		const prefix: number[] = [];
		let length = bytes.length;
		for (; length > 127; length = Math.floor(length / 128)) prefix.push((length % 128) | 128);
		return Buffer.concat([Uint8Array.of(...prefix, length), bytes]);
	});
	const ends = new Uint32Array(texts.length);
	let end = 0;
	for (const [row, frame] of frames.entries()) ends[row] = end += frame.length;
	const bytes = new Uint8Array(end);
	bytes.set(Buffer.concat(frames));
	return { bytes, ends };
}
