/** What a text, a number or a run of values of a Native answer is, one after the other. Throws where the answer was cut off. */
export class NativeBytes {
	readonly #bytes: Buffer;
	#at = 0;

	constructor(bytes: Buffer) {
		this.#bytes = bytes;
	}

	get atEnd(): boolean {
		return this.#at >= this.#bytes.length;
	}

	/** A view of the next ones. */
	take(length: number): Buffer {
		const end = this.#at + length;
		if (end > this.#bytes.length) throw new Error('the Native answer ends within a column');
		const taken = this.#bytes.subarray(this.#at, end);
		this.#at = end;
		return taken;
	}

	/** Exact up to 2^53. */
	uint64(): number {
		const taken = this.take(8);
		return taken.readUInt32LE(0) + taken.readUInt32LE(4) * 2 ** 32;
	}

	text(): string {
		const length = this.varint();
		const end = this.#at + length;
		if (end > this.#bytes.length) throw new Error('the Native answer ends within a text');
		const text = this.#bytes.toString('utf8', this.#at, end);
		this.#at = end;
		return text;
	}

	varint(): number {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = this.#bytes[this.#at];
			if (byte === undefined) throw new Error('the Native answer ends within a number');
			this.#at += 1;
			value += (byte & 127) * factor;
			if (byte < 128) return value;
		}
	}
}
