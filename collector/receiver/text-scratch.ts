const encoder = new TextEncoder();
/** Up to this many characters, copying those of ASCII costs less than calling the encoder. */
const SHORT_TEXT = 64;
const NOT_HEX = 255;
/** By the code of a character, its value as a hexadecimal digit. */
const HEX_DIGITS = new Uint8Array(128).fill(NOT_HEX);
for (const [value, digit] of Array.from('0123456789abcdef').entries()) {
	HEX_DIGITS[digit.charCodeAt(0)] = value;
	HEX_DIGITS[digit.toUpperCase().charCodeAt(0)] = value;
}

/** Bytes of the texts at hand, for columns that take bytes. Positions hold until `reset`. */
export class TextScratch {
	bytes = new Uint8Array(4096);
	start = 0;
	end = 0;

	reset(): void {
		this.start = this.end = 0;
	}

	/** Adds a text as UTF-8 from `start` to `end`; half surrogate pairs become U+FFFD. */
	text(text: string): void {
		this.#reserve(text.length * 3);
		this.start = this.end;
		if (text.length <= SHORT_TEXT && this.#ascii(text)) return;
		this.end += encoder.encodeInto(text, this.bytes.subarray(this.end)).written;
	}

	/** Adds the bytes that pairs of hexadecimal digits say; nothing, and false, where there are others among them. */
	hex(text: string): boolean {
		const length = text.length >> 1;
		this.#reserve(length);
		for (let i = 0; i < length; i++) {
			const high = HEX_DIGITS[text.charCodeAt(2 * i)] ?? NOT_HEX;
			const low = HEX_DIGITS[text.charCodeAt(2 * i + 1)] ?? NOT_HEX;
			if (high === NOT_HEX || low === NOT_HEX) return false;
			this.bytes[this.end + i] = high * 16 + low;
		}
		this.start = this.end;
		this.end += length;
		return true;
	}

	raw(bytes: Uint8Array): void {
		this.#reserve(bytes.length);
		this.start = this.end;
		this.bytes.set(bytes, this.end);
		this.end += bytes.length;
	}

	#ascii(text: string): boolean {
		for (let i = 0; i < text.length; i++) {
			const code = text.charCodeAt(i);
			if (code > 127) return false;
			this.bytes[this.end + i] = code;
		}
		this.end += text.length;
		return true;
	}

	#reserve(more: number): void {
		if (this.end + more <= this.bytes.length) return;
		const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.end + more));
		larger.set(this.bytes);
		this.bytes = larger;
	}
}
