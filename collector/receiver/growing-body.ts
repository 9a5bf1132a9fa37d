import { releaseMemory } from '../release-memory.ts';

/** Each piece costs a few hundred bytes beside its own: smaller ones are joined. */
const PIECE_BYTES = 4 * 1024;

/**
 * A body that is being read. It has memory for what has arrived, twice of it at most, however much was announced: whoever
 * announces much and sends nothing takes nothing from the others.
 */
export class GrowingBody {
	/** Infinity where it isn't known. */
	readonly #length: number;
	readonly #hold: (bytes: number) => void;
	#pieces: Uint8Array[] = [];
	#size = 0;
	#whole: Uint8Array | undefined;

	/** `hold` is told how many bytes there will be before there are, and may throw. */
	constructor(length: number | undefined, hold: (bytes: number) => void) {
		this.#length = length ?? Infinity;
		this.#hold = hold;
	}

	get size(): number {
		return this.#size;
	}

	/** How many there are beside each other. */
	get pieces(): number {
		return this.#pieces.length;
	}

	/** Takes the chunk over: nobody else may use it afterwards. */
	add(chunk: Uint8Array): void {
		const size = this.#size + chunk.length;
		if (size > this.#length) throw new RangeError(`more than the ${this.#length} bytes that were announced`);
		if (this.#whole === undefined && size * 2 >= this.#length) this.#makeWhole(this.#length);
		if (this.#whole === undefined) {
			this.#hold(size);
			this.#keep(chunk);
		} else {
			this.#whole.set(chunk, this.#size);
			releaseMemory(chunk);
		}
		this.#size = size;
	}

	/** All of it, in memory of its own, for a thread may take it over. Throws where less came than was announced. */
	end(): Uint8Array {
		const [only] = this.#pieces;
		if (this.#length === Infinity && this.#pieces.length === 1 && only !== undefined) return only;
		if (this.#size < this.#length && this.#length !== Infinity) {
			throw new RangeError(`${this.#size} of ${this.#length} bytes came`);
		}
		return this.#whole ?? this.#makeWhole(this.#size);
	}

	/** A piece stands behind larger ones, as the digits of a number do: each byte is copied a few times at most. */
	#keep(chunk: Uint8Array): void {
		let piece = chunk;
		for (;;) {
			const last = this.#pieces.at(-1);
			if (last === undefined || piece.length >= PIECE_BYTES || last.length > piece.length) break;
			this.#pieces.pop();
			const joined = Buffer.allocUnsafeSlow(last.length + piece.length);
			joined.set(last);
			joined.set(piece, last.length);
			piece = joined;
		}
		this.#pieces.push(piece);
	}

	/**
	 * Each piece is given back as soon as it is copied, and the system gives pages to what is written to: at no time is there
	 * much more than the whole.
	 */
	#makeWhole(bytes: number): Uint8Array {
		this.#hold(bytes);
		// What is not overwritten is not handed on.
		const whole = Buffer.allocUnsafeSlow(bytes);
		let at = 0;
		for (const piece of this.#pieces) {
			whole.set(piece, at);
			at += piece.length;
			releaseMemory(piece);
		}
		this.#pieces = [];
		this.#whole = whole;
		return whole;
	}
}
