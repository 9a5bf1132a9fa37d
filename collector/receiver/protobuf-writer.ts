const encoder = new TextEncoder();

/** Writes the few small messages that a receiver answers with. */
export class ProtobufWriter {
	readonly #bytes: number[] = [];

	/** A varint; left out when 0, as proto3 does. */
	varint(field: number, value: number): this {
		if (value === 0) return this;
		this.#push(field * 8);
		this.#push(value);
		return this;
	}

	/** A text; left out when empty. */
	text(field: number, value: string): this {
		return value === '' ? this : this.bytes(field, encoder.encode(value));
	}

	bytes(field: number, value: Uint8Array): this {
		this.#push(field * 8 + 2);
		this.#push(value.length);
		for (const byte of value) this.#bytes.push(byte);
		return this;
	}

	finish(): Uint8Array<ArrayBuffer> {
		return Uint8Array.from(this.#bytes);
	}

	#push(value: number): void {
		let rest = value;
		while (rest > 0x7f) {
			this.#bytes.push((rest % 128) | 0x80);
			rest = Math.floor(rest / 128);
		}
		this.#bytes.push(rest);
	}
}
