import type { DictionaryColumn, MapColumn, StringColumn } from '../../../schema/span-block.ts';
import { PieceMemory } from './piece-memory.ts';

/** The version that a LowCardinality column announces, and what its data begins with: keys follow, and how wide indexes are. */
const dictionaryVersion = 1;
const narrowIndexes = 0x600 | 1;
const wideIndexes = 0x600 | 2;
/**
 * A small insert begins with about as much as it needs: V8 collects everything for a few dozen mebibytes of buffers that have
 * come and gone, and little traffic is many small inserts.
 */
const firstBytes = 16 * 1024;
const bytesPerRow = 512;
/** Up to so many texts an index takes two bytes. */
const maxNarrow = 1 << 16;

/**
 * One block of ClickHouse's Native format, written column by column. What is already framed as the format wants it (numbers,
 * texts) is copied as it is. Several blocks make one column: those of all of an insert. It goes into pieces of equal size, of
 * which the next begins where one is full: to grow, a column of many mebibytes would leave more memory behind than it takes.
 */
export class NativeBuilder {
	readonly #memory: PieceMemory;
	#full: Buffer[] = [];
	#bytes: Buffer;
	#length = 0;

	constructor(columns: number, rows: number, memory: PieceMemory = new PieceMemory()) {
		this.#memory = memory;
		this.#bytes = memory.lend(firstBytes + rows * bytesPerRow);
		this.varint(columns);
		this.varint(rows);
	}

	/** All that was not taken as pieces. */
	finish(): Buffer {
		const rest = this.#bytes.subarray(0, this.#length);
		return this.#full.length === 0 ? rest : Buffer.concat([...this.takePieces(), rest]);
	}

	/** Those that are full; what follows continues them. */
	takePieces(): Buffer[] {
		const pieces = this.#full;
		this.#full = [];
		return pieces;
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
		const bytes = Buffer.from(value);
		this.varint(bytes.length);
		this.raw(bytes);
	}

	uint64(value: number): void {
		this.#reserve(8);
		this.#length = this.#bytes.writeBigUInt64LE(BigInt(value), this.#length);
	}

	/** The memory of a typed array, which on every machine that Node runs on is little-endian, as the format is. */
	raw(values: ArrayBufferView): void {
		const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
		for (let at = 0; at < bytes.length;) {
			if (this.#length === this.#bytes.length) this.#next();
			const part = at === 0 && bytes.length <= this.#room ? bytes : bytes.subarray(at, at + this.#room);
			this.#bytes.set(part, this.#length);
			this.#length += part.length;
			at += part.length;
		}
	}

	/** Where each row's elements end, counted over all pieces. */
	ends(pieces: readonly Uint32Array[]): void {
		const count = sum(pieces.map((ends) => ends.length)) * 2;
		// Low and high halves: below 2^32 elements the high ones are 0.
		const halves = new Uint32Array(this.#memory.scratch(count * 4), 0, count);
		let base = 0;
		let at = 0;
		for (const ends of pieces) {
			for (let row = 0; row < ends.length; row += 1, at += 2) {
				halves[at] = base + (ends[row] ?? 0);
				halves[at + 1] = 0;
			}
			base += ends.at(-1) ?? 0;
		}
		this.raw(halves);
	}

	/** What comes before the data of a dictionary column, or before the offsets of arrays and maps that hold one. */
	dictionaryPrefix(): void {
		this.uint64(dictionaryVersion);
	}

	/** The dictionaries one after the other, and ids shifted accordingly: a text may stand in it twice. */
	dictionary(pieces: readonly DictionaryColumn[]): void {
		const rows = sum(pieces.map((piece) => piece.ids.length));
		if (rows === 0) return;
		const texts = sum(pieces.map((piece) => piece.dictionary.ends.length));
		const isNarrow = texts <= maxNarrow;
		this.uint64(isNarrow ? narrowIndexes : wideIndexes);
		this.uint64(texts);
		for (const piece of pieces) this.raw(piece.dictionary.bytes);
		this.uint64(rows);
		const memory = this.#memory.scratch(rows * 4);
		this.raw(shiftedIds(pieces, isNarrow ? new Uint16Array(memory, 0, rows) : new Uint32Array(memory, 0, rows)));
	}

	/** Offsets and keys; the caller writes the values. `keys[i]` is what `maps[i].keys` points into. */
	mapKeys(maps: readonly MapColumn<unknown>[], keys: readonly StringColumn[]): void {
		this.ends(maps.map((map) => map.ends));
		this.dictionary(maps.map((map, index) => ({ ids: map.keys, dictionary: keys[index] ?? noStrings })));
	}

	get #room(): number {
		return this.#bytes.length - this.#length;
	}

	/** For what is written in one go, and fits into any piece. */
	#reserve(bytes: number): void {
		if (bytes > this.#room) this.#next();
	}

	#next(): void {
		this.#full.push(this.#bytes.subarray(0, this.#length));
		this.#bytes = this.#memory.lend();
		this.#length = 0;
	}
}

const noStrings: StringColumn = { bytes: new Uint8Array(0), ends: new Uint32Array(0) };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Ids of all pieces, each moved behind the texts of the pieces before. */
function shiftedIds<Ids extends Uint16Array | Uint32Array>(pieces: readonly DictionaryColumn[], shifted: Ids): Ids {
	let base = 0;
	let at = 0;
	for (const { ids, dictionary } of pieces) {
		for (let row = 0; row < ids.length; row += 1, at += 1) shifted[at] = base + (ids[row] ?? 0);
		base += dictionary.ends.length;
	}
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
