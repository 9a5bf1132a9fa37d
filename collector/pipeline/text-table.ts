import type { StringColumn } from '../../schema/span-block.ts';
import { StringColumnBuilder, Uint32List } from './growable-columns.ts';
import { isUtf8, replaceInvalid } from './utf8.ts';
import { WordView } from './word-view.ts';

/**
 * Texts that repeat, each kept once: bytes in, row out. Row 0 is the empty text. No JavaScript string is made.
 * Whoever keeps a table from one request to the next resets it when it has grown.
 */
export class TextTable {
	readonly #texts = new StringColumnBuilder();
	readonly #sourceView = new WordView();
	readonly #textsView = new WordView();
	readonly #starts = new Uint32List();
	readonly #hashes = new Uint32List();
	/** Open addressing: row of the text, 0 for a free slot (the empty text needs none). */
	#slots = new Uint32Array(256);
	#lastSlot = 0;

	constructor() {
		this.#addEmpty();
	}

	get length(): number {
		return this.#starts.length;
	}

	/** Row of the text, which is added when it is new. `guess` is a row that is likely to hold it, which saves the hashing. */
	intern(source: Uint8Array, start: number, end: number, guess = 0): number {
		if (start === end) return 0;
		if (guess !== 0 && guess < this.length && this.#holds(guess, source, start, end)) return guess;
		const hash = hashBytes(source, this.#sourceView.of(source), start, end);
		return this.#search(hash, source, start, end) || this.#insert(source, start, end, hash, this.#lastSlot);
	}

	/** Row of the text, 0 when the table does not hold it. */
	find(source: Uint8Array, start: number, end: number): number {
		const hash = hashBytes(source, this.#sourceView.of(source), start, end);
		return this.#search(hash, source, start, end);
	}

	#addEmpty(): void {
		this.#texts.appendEmpty();
		this.#starts.push(1);
		this.#hashes.push(0);
	}

	/** Row of the text, 0 when the table does not hold it: then `#lastSlot` is where it belongs, or the last one tried. */
	#search(hash: number, source: Uint8Array, start: number, end: number): number {
		const mask = this.#slots.length - 1;
		let slot = hash & mask;
		for (let probes = 1; ; probes++) {
			const row = this.#slots[slot] as number;
			if (row !== 0 && this.#hashes.values[row] === hash && this.#holds(row, source, start, end)) return row;
			this.#lastSlot = slot;
			if (row === 0 || probes === MAX_PROBES) return 0;
			slot = (slot + 1) & mask;
		}
	}

	internText(text: string): number {
		const bytes = encoder.encode(text);
		return this.intern(bytes, 0, bytes.length);
	}

	text(row: number): string {
		return decoder.decode(this.#texts.bytes.subarray(this.start(row), this.end(row)));
	}

	/** Where texts lie: `bytes` from `start(row)` to `end(row)`. Changes whenever a text is added. */
	get bytes(): Uint8Array {
		return this.#texts.bytes;
	}

	/** Bytes of memory that its texts take or have taken. */
	get byteLength(): number {
		return this.#texts.bytes.length;
	}

	start(row: number): number {
		return this.#starts.values[row] as number;
	}

	end(row: number): number {
		return this.#texts.ends.values[row] as number;
	}

	/** All texts as a column; the table begins anew with the memory it has. */
	finish(): StringColumn {
		const column = this.#texts.finish();
		this.clear();
		return column;
	}

	/** Begins anew with the memory it has. */
	clear(): void {
		this.#texts.clear();
		this.#starts.length = this.#hashes.length = 0;
		this.#slots.fill(0);
		this.#addEmpty();
		this.#sourceView.release();
	}

	#holds(row: number, source: Uint8Array, start: number, end: number): boolean {
		const from = this.#starts.values[row] as number;
		if ((this.#texts.ends.values[row] as number) - from !== end - start) return false;
		const { bytes } = this.#texts;
		const offset = from - start;
		const sourceView = this.#sourceView.of(source);
		const view = this.#textsView.of(bytes);
		let at = start;
		for (; at + 4 <= end; at += 4) {
			if (sourceView.getInt32(at) !== view.getInt32(at + offset)) return false;
		}
		for (; at < end; at++) {
			if (source[at] !== bytes[at + offset]) return false;
		}
		return true;
	}

	#insert(source: Uint8Array, start: number, end: number, hash: number, slot: number): number {
		if (!isUtf8(source, start, end)) {
			const valid = replaceInvalid(source, start, end);
			return this.intern(valid, 0, valid.length);
		}
		const row = this.length;
		const before = this.#texts.size;
		this.#texts.append(source, start, end);
		this.#starts.push(contentStart(this.#texts.bytes, before));
		this.#hashes.push(hash);
		// A slot that is taken ends a run of MAX_PROBES collisions: the text is kept, and may be kept twice.
		if (this.#slots[slot] === 0) this.#slots[slot] = row;
		if (this.length * 2 > this.#slots.length) this.#rehash();
		return row;
	}

	#rehash(): void {
		const slots = new Uint32Array(this.#slots.length * 4);
		const mask = slots.length - 1;
		for (let row = 1; row < this.length; row++) {
			let slot = (this.#hashes.values[row] as number) & mask;
			for (let probes = 0; probes < MAX_PROBES && slots[slot] !== 0; probes++) slot = (slot + 1) & mask;
			if (slots[slot] === 0) slots[slot] = row;
		}
		this.#slots = slots;
	}
}

/** Bounds what a sender can cost who finds texts of one hash, although the seed differs with every start. */
const MAX_PROBES = 64;
const seed = Math.floor(Math.random() * 2 ** 32) | 0;
const multiplier = (Math.floor(Math.random() * 2 ** 31) | 0x4000_0001) >>> 0;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function hashBytes(source: Uint8Array, view: DataView, start: number, end: number): number {
	let hash = seed ^ (end - start);
	let at = start;
	for (; at + 4 <= end; at += 4) {
		hash = Math.imul(hash ^ view.getInt32(at), multiplier);
		hash ^= hash >>> 15;
	}
	for (; at < end; at++) {
		hash = Math.imul(hash ^ (source[at] as number), multiplier);
		hash ^= hash >>> 13;
	}
	hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
	return (hash ^ (hash >>> 13)) >>> 0;
}

function contentStart(bytes: Uint8Array, frame: number): number {
	let at = frame;
	while ((bytes[at] as number) > 0x7f) at++;
	return at + 1;
}
