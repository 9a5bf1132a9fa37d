/** Writes rows in ClickHouse's RowBinary: one value after the other, numbers little-endian. */
export class RowBinaryWriter {
	#bytes = Buffer.allocUnsafe(64 * 1024);
	#size = 0;

	u8(value: number): void {
		this.#reserve(1);
		this.#size = this.#bytes.writeUInt8(value, this.#size);
	}

	u32(value: number): void {
		this.#reserve(4);
		this.#size = this.#bytes.writeUInt32LE(value, this.#size);
	}

	u64(value: bigint): void {
		this.#reserve(8);
		this.#size = this.#bytes.writeBigUInt64LE(value, this.#size);
	}

	i64(value: bigint): void {
		this.#reserve(8);
		this.#size = this.#bytes.writeBigInt64LE(value, this.#size);
	}

	/** A FixedString of as many bytes, from hexadecimal; zeros when that is empty. */
	hex(text: string, bytes: number): void {
		this.#reserve(bytes);
		this.#bytes.fill(0, this.#size, this.#size + bytes);
		this.#bytes.write(text, this.#size, bytes, 'hex');
		this.#size += bytes;
	}

	/** Two 64-bit halves, each little-endian. */
	uuid(text: string): void {
		const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
		this.u64(bytes.readBigUInt64BE(0));
		this.u64(bytes.readBigUInt64BE(8));
	}

	/** A String, or a LowCardinality(String), which is written the same. */
	text(text: string): void {
		const length = Buffer.byteLength(text);
		this.varint(length);
		this.#reserve(length);
		this.#size += this.#bytes.write(text, this.#size);
	}

	varint(value: number): void {
		this.#reserve(5);
		let rest = value;
		for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#size++] = (rest & 0x7f) | 0x80;
		this.#bytes[this.#size++] = rest;
	}

	/** All rows so far. */
	finish(): Buffer {
		return this.#bytes.subarray(0, this.#size);
	}

	#reserve(more: number): void {
		if (this.#size + more <= this.#bytes.length) return;
		const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#size + more));
		this.#bytes.copy(larger, 0, 0, this.#size);
		this.#bytes = larger;
	}
}
