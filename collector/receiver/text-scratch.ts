const encoder = new TextEncoder();

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
		this.end += encoder.encodeInto(text, this.bytes.subarray(this.end)).written;
	}

	raw(bytes: Uint8Array): void {
		this.#reserve(bytes.length);
		this.start = this.end;
		this.bytes.set(bytes, this.end);
		this.end += bytes.length;
	}

	#reserve(more: number): void {
		if (this.end + more <= this.bytes.length) return;
		const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.end + more));
		larger.set(this.bytes);
		this.bytes = larger;
	}
}
