/** FNV's prime, 2^40 + 0x1b3, in its two parts: what is above 2^32 moves the low word up by 8 bits. */
const PRIME_LOW = 0x1b3;

/**
 * FNV-1a with 64 bits, fed with text. The same everywhere and for ever, because stored fingerprints are compared with
 * it. A character beyond ASCII counts as its two bytes in UTF-16, which is all it takes to tell texts apart.
 * Source: draft-eastlake-fnv.
 */
export class QueryHash {
	#high = 0xcbf2_9ce4 | 0;
	#low = 0x8422_2325 | 0;

	/** Adds the characters of `text` from `start` to `end`. */
	add(text: string, start = 0, end = text.length): this {
		for (let i = start; i < end; i++) {
			const code = text.charCodeAt(i);
			this.#addByte(code & 0xff);
			if (code > 0x7f) this.#addByte(code >>> 8);
		}
		return this;
	}

	/** Multiplies in halves of a word, so that all stays within 32 bits. */
	#addByte(byte: number): void {
		const low = this.#low ^ byte;
		const first = (low & 0xffff) * PRIME_LOW;
		const second = (low >>> 16) * PRIME_LOW + (first >>> 16);
		this.#high = (Math.imul(this.#high, PRIME_LOW) + (low << 8) + (second >>> 16)) | 0;
		this.#low = (second << 16) | (first & 0xffff);
	}

	/** 16 hexadecimal digits. */
	digest(): string {
		return hex(this.#high) + hex(this.#low);
	}
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
