import { DecodeError } from './decode-error.ts';

/**
 * Reads the protobuf wire format in place. `limit` is the end of the message at hand: nothing reads beyond it.
 * Source: protobuf.dev, "Encoding".
 */
export class ProtobufReader {
	bytes: Uint8Array = new Uint8Array();
	position = 0;
	limit = 0;
	/** Words of the last 64-bit value read. */
	low = 0;
	high = 0;
	#view: DataView = new DataView(new ArrayBuffer(0));

	/** Begins a request. */
	open(bytes: Uint8Array): void {
		this.bytes = bytes;
		this.position = 0;
		this.limit = bytes.length;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** Field number and wire type in one number. */
	tag(): number {
		const start = this.position;
		const tag = this.varint32();
		if (tag >>> 3 === 0)
			throw new DecodeError(`byte ${start}: field number 0; protobuf numbers fields from 1`, { offset: start });
		return tag;
	}

	/** A varint of which only the low 32 bits matter: numbers below 2^32, enums, booleans. */
	varint32(): number {
		if (this.position < this.limit) {
			const first = this.bytes[this.position] as number;
			if (first < 0x80) {
				this.position++;
				return first;
			}
		}
		this.varint64();
		return this.low;
	}

	/** Reads up to 10 bytes into `low` and `high`. */
	varint64(): void {
		const start = this.position;
		let low = 0;
		let high = 0;
		for (let i = 0; i < 10; i++) {
			if (this.position >= this.limit) throw this.#truncated(start, 'a varint');
			const byte = this.bytes[this.position++] as number;
			const bits = byte & 0x7f;
			if (i < 4) low |= bits << (i * 7);
			else if (i === 4) {
				low |= bits << 28;
				high |= bits >>> 4;
			} else high |= bits << (i * 7 - 32);
			if (byte < 0x80) {
				this.low = low >>> 0;
				this.high = high >>> 0;
				return;
			}
		}
		throw new DecodeError(`byte ${start}: a varint of more than 10 bytes`, { offset: start });
	}

	/** Length of a text, bytes or message; returns where it ends. */
	end(): number {
		const start = this.position;
		let length = 0;
		const first = start < this.limit ? (this.bytes[start] as number) : 0x80;
		if (first < 0x80) {
			this.position++;
			length = first;
		} else {
			this.varint64();
			length = this.high * 2 ** 32 + this.low;
		}
		const end = this.position + length;
		if (end > this.limit) {
			throw new DecodeError(
				`byte ${start}: a length of ${length} where ${this.limit - this.position} bytes are left in the message`,
				{ offset: start },
			);
		}
		return end;
	}

	fixed64(): void {
		const at = this.position;
		if (at + 8 > this.limit) throw this.#truncated(at, '8 bytes');
		this.low = this.#view.getUint32(at, true);
		this.high = this.#view.getUint32(at + 4, true);
		this.position = at + 8;
	}

	fixed32(): number {
		const at = this.position;
		if (at + 4 > this.limit) throw this.#truncated(at, '4 bytes');
		this.position = at + 4;
		return this.#view.getUint32(at, true);
	}

	/** The double of the last 8 bytes read. */
	doubleBefore(): number {
		return this.#view.getFloat64(this.position - 8, true);
	}

	/**
	 * Skips a field that the decoder does not know. `message` and `known` (bit n for field n) tell it apart from
	 * a known field of the wrong wire type, which is damage.
	 */
	skip(tag: number, message: string, known: number): void {
		const field = tag >>> 3;
		const wireType = tag & 7;
		const at = this.position;
		if (field < 32 && (known >>> field) & 1) {
			throw new DecodeError(
				`byte ${at}: field ${field} of ${message} has wire type ${wireType}, which is not its own`,
				{
					offset: at,
				},
			);
		}
		if (wireType === 0) this.varint64();
		else if (wireType === 1) this.fixed64();
		else if (wireType === 2) this.position = this.end();
		else if (wireType === 5) this.fixed32();
		else {
			throw new DecodeError(`byte ${at}: wire type ${wireType} in ${message}; OTLP uses 0, 1, 2 and 5`, { offset: at });
		}
	}

	#truncated(at: number, wanted: string): DecodeError {
		return new DecodeError(`byte ${at}: ${wanted} expected, ${this.limit - at} left in the message`, { offset: at });
	}
}
