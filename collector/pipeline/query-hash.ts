/** FNV's prime, 2^40 + 0x1b3, in its two parts: what is above 2^32 moves the low word up by 8 bits. */
const PRIME_LOW = 0x1b3;
const WORD = 2 ** 32;

/**
 * FNV-1a with 64 bits, fed with text. The same everywhere and for ever, because stored fingerprints are compared with
 * it. A character beyond ASCII counts as its two bytes in UTF-16, which is all it takes to tell texts apart.
 * Source: draft-eastlake-fnv.
 */
export class QueryHash {
	#high = 0xcbf2_9ce4;
	#low = 0x8422_2325;

	/** Adds the characters of `text` from `start` to `end`. */
	add(text: string, start = 0, end = text.length): this {
		let high = this.#high;
		let low = this.#low;
		for (let i = start; i < end; i++) {
			const code = text.charCodeAt(i);
			low = (low ^ (code & 0xff)) >>> 0;
			// The product stays below 2^53, so it is exact.
			let product = low * PRIME_LOW;
			high = (Math.imul(high, PRIME_LOW) + (low << 8) + Math.floor(product / WORD)) >>> 0;
			low = product >>> 0;
			if (code > 0x7f) {
				low = (low ^ (code >>> 8)) >>> 0;
				product = low * PRIME_LOW;
				high = (Math.imul(high, PRIME_LOW) + (low << 8) + Math.floor(product / WORD)) >>> 0;
				low = product >>> 0;
			}
		}
		this.#high = high;
		this.#low = low;
		return this;
	}

	/** 16 hexadecimal digits. */
	digest(): string {
		return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
	}
}
