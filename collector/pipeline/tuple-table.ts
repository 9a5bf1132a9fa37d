/** Distinct tuples of numbers, each with a value of its own: what depends on a few repeated texts is worked out once. */
export class TupleTable {
	readonly #width: number;
	#tuples: Uint32Array;
	#values = new Uint32Array(64);
	/** Open addressing: 1 + index of the tuple, 0 for a free slot. */
	#slots = new Uint32Array(256);
	#count = 0;

	constructor(width: number) {
		this.#width = width;
		this.#tuples = new Uint32Array(width * 64);
	}

	get size(): number {
		return this.#count;
	}

	/** The value kept for the tuple, or -1. */
	find(tuple: Uint32Array): number {
		const index = (this.#slots[this.#slotOf(tuple)] as number) - 1;
		return index < 0 ? -1 : (this.#values[index] as number);
	}

	/** Keeps a value for a tuple that has none yet. */
	set(tuple: Uint32Array, value: number): void {
		if (this.#count === this.#values.length) this.#grow();
		this.#slots[this.#slotOf(tuple)] = this.#count + 1;
		this.#tuples.set(tuple, this.#count * this.#width);
		this.#values[this.#count++] = value;
		if (this.#count * 2 > this.#slots.length) this.#rehash();
	}

	/** The slot that holds the tuple, or the free one where it belongs. */
	#slotOf(tuple: Uint32Array): number {
		const mask = this.#slots.length - 1;
		let slot = hashTuple(tuple) & mask;
		for (;;) {
			const index = (this.#slots[slot] as number) - 1;
			if (index < 0 || this.#holds(index, tuple)) return slot;
			slot = (slot + 1) & mask;
		}
	}

	#holds(index: number, tuple: Uint32Array): boolean {
		const offset = index * this.#width;
		for (let i = 0; i < this.#width; i++) {
			if (this.#tuples[offset + i] !== tuple[i]) return false;
		}
		return true;
	}

	#grow(): void {
		const values = new Uint32Array(this.#count * 2);
		values.set(this.#values);
		this.#values = values;
		const tuples = new Uint32Array(this.#tuples.length * 2);
		tuples.set(this.#tuples);
		this.#tuples = tuples;
	}

	#rehash(): void {
		const slots = new Uint32Array(this.#slots.length * 4);
		const mask = slots.length - 1;
		for (let index = 0; index < this.#count; index++) {
			const offset = index * this.#width;
			let slot = hashTuple(this.#tuples.subarray(offset, offset + this.#width)) & mask;
			while (slots[slot] !== 0) slot = (slot + 1) & mask;
			slots[slot] = index + 1;
		}
		this.#slots = slots;
	}
}

/** Differs with every start, so that nobody can tell which tuples fall into one slot. */
const seed = Math.floor(Math.random() * 2 ** 32) | 0;

function hashTuple(tuple: Uint32Array): number {
	let hash = seed;
	for (let i = 0; i < tuple.length; i++) {
		hash = Math.imul(hash ^ (tuple[i] as number), 0x85eb_ca6b);
		hash ^= hash >>> 13;
	}
	return hash >>> 0;
}
