import type { StringColumn } from '../../schema/span-block.ts';
import { isUtf8, replaceInvalid } from './utf8.ts';
import { WordView } from './word-view.ts';

/**
 * Columns that grow while rows are appended. `finish()` gives an array of its own and begins anew, with the memory that the
 * last block needed. `lend()` does so without a copy: what it gives is overwritten by the next rows.
 */
export class Uint32List {
	values = new Uint32Array(64);
	length = 0;

	push(value: number): void {
		if (this.length === this.values.length) this.values = grown(this.values, this.length + 1);
		this.values[this.length++] = value;
	}

	finish(): Uint32Array<ArrayBuffer> {
		return this.lend().slice();
	}

	lend(): Uint32Array<ArrayBuffer> {
		const values = this.values.subarray(0, this.length);
		this.length = 0;
		return values;
	}
}

export class Uint8List {
	values = new Uint8Array(64);
	length = 0;
	readonly #sourceView = new WordView();
	readonly #targetView = new WordView();

	push(value: number): void {
		if (this.length === this.values.length) this.values = grown(this.values, this.length + 1);
		this.values[this.length++] = value;
	}

	/** Appends `count` bytes, a multiple of four; a start below 0 appends zeros. */
	pushBytes(source: Uint8Array, start: number, count: number): void {
		if (this.length + count > this.values.length) this.values = grown(this.values, this.length + count);
		const sourceView = this.#sourceView.of(source);
		const targetView = this.#targetView.of(this.values);
		for (let i = 0; i < count; i += 4) {
			targetView.setInt32(this.length + i, start < 0 ? 0 : sourceView.getInt32(start + i));
		}
		this.length += count;
	}

	finish(): Uint8Array<ArrayBuffer> {
		return this.lend().slice();
	}

	lend(): Uint8Array<ArrayBuffer> {
		const values = this.values.subarray(0, this.length);
		this.length = 0;
		this.#sourceView.release();
		return values;
	}
}

/** 64-bit values as pairs of little-endian words: no BigInt is made on the way in. */
export class Words64List {
	words = new Uint32Array(128);
	length = 0;

	push(low: number, high: number): void {
		if (this.length * 2 === this.words.length) this.words = grown(this.words, this.length * 2 + 2);
		this.words[this.length * 2] = low;
		this.words[this.length * 2 + 1] = high;
		this.length++;
	}

	lendUnsigned(): BigUint64Array<ArrayBuffer> {
		return new BigUint64Array(this.words.buffer, 0, this.#end());
	}

	lendSigned(): BigInt64Array<ArrayBuffer> {
		return new BigInt64Array(this.words.buffer, 0, this.#end());
	}

	lendDouble(): Float64Array<ArrayBuffer> {
		return new Float64Array(this.words.buffer, 0, this.#end());
	}

	#end(): number {
		const { length } = this;
		this.length = 0;
		return length;
	}
}

/** The top bit of each of four bytes. */
const ANY_NOT_ASCII = 0x8080_8080 | 0;

/** Frames of varint length + bytes, always UTF-8. */
export class StringColumnBuilder {
	bytes = new Uint8Array(256);
	size = 0;
	readonly #sourceView = new WordView();
	readonly #targetView = new WordView();
	readonly ends = new Uint32List();

	/** Appends the text in `source` from `start` to `end`, behind the byte `tag` unless that is 0. */
	append(source: Uint8Array, start: number, end: number, tag = 0): void {
		const length = end - start + (tag === 0 ? 0 : 1);
		this.#reserve(length + 5);
		const target = this.bytes;
		const frame = this.size;
		let at = writeLength(target, frame, length);
		if (tag !== 0) target[at++] = tag;
		const sourceView = this.#sourceView.of(source);
		const targetView = this.#targetView.of(target);
		let seen = 0;
		let from = start;
		for (; from + 4 <= end; from += 4, at += 4) {
			const word = sourceView.getInt32(from);
			targetView.setInt32(at, word);
			seen |= word;
		}
		for (; from < end; from++) {
			const byte = source[from] as number;
			target[at++] = byte;
			seen |= byte;
		}
		if ((seen & ANY_NOT_ASCII) !== 0 && !isUtf8(source, start, end)) {
			const valid = replaceInvalid(source, start, end);
			this.append(valid, 0, valid.length, tag);
			return;
		}
		this.size = at;
		this.ends.push(at);
	}

	/** Appends an empty text. */
	appendEmpty(): void {
		this.#reserve(1);
		this.bytes[this.size++] = 0;
		this.ends.push(this.size);
	}

	appendText(text: string, tag = 0): void {
		const bytes = encoder.encode(text);
		this.append(bytes, 0, bytes.length, tag);
	}

	finish(): StringColumn {
		const { bytes, ends } = this.lend();
		return { bytes: bytes.slice(), ends: ends.slice() };
	}

	lend(): StringColumn {
		const column = { bytes: this.bytes.subarray(0, this.size), ends: this.ends.lend() };
		this.clear();
		return column;
	}

	clear(): void {
		this.size = this.ends.length = 0;
		this.#sourceView.release();
	}

	#reserve(more: number): void {
		if (this.size + more > this.bytes.length) this.bytes = grown(this.bytes, this.size + more);
	}
}

const encoder = new TextEncoder();

/** Writes a length as varint and returns the position behind it. */
function writeLength(target: Uint8Array, at: number, length: number): number {
	let rest = length;
	while (rest > 0x7f) {
		target[at++] = (rest & 0x7f) | 0x80;
		rest >>>= 7;
	}
	target[at++] = rest;
	return at;
}

function grown<Values extends Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(
	values: Values,
	needed: number,
): Values {
	const larger = new (values.constructor as new (length: number) => Values)(Math.max(values.length * 2, needed));
	larger.set(values);
	return larger;
}
