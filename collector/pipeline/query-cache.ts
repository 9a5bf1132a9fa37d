/**
 * The results of the texts that were asked for last, bounded by count and by bytes. A Map keeps the order in which
 * its keys were set; an entry that is asked for again moves to its end, so that the first one is the oldest.
 */
export class QueryCache<Value> {
	readonly #entries = new Map<string, { value: Value; bytes: number }>();
	readonly #maxEntries: number;
	readonly #maxBytes: number;
	#bytes = 0;
	hits = 0;
	misses = 0;

	constructor(bounds: { maxEntries: number; maxBytes: number }) {
		this.#maxEntries = bounds.maxEntries;
		this.#maxBytes = bounds.maxBytes;
	}

	get size(): number {
		return this.#entries.size;
	}

	get bytes(): number {
		return this.#bytes;
	}

	get(key: string): Value | undefined {
		const entry = this.#entries.get(key);
		if (entry === undefined) {
			this.misses++;
			return undefined;
		}
		this.hits++;
		// While there is room for all, nothing is evicted, and the order needs no care.
		if (this.#entries.size * 2 > this.#maxEntries || this.#bytes * 2 > this.#maxBytes) {
			this.#entries.delete(key);
			this.#entries.set(key, entry);
		}
		return entry.value;
	}

	/** `bytes` is what key and value weigh. An entry that would take an eighth of the room isn't kept. */
	set(key: string, value: Value, bytes: number): void {
		if (bytes * 8 > this.#maxBytes) return;
		const old = this.#entries.get(key);
		if (old !== undefined) {
			this.#bytes -= old.bytes;
			this.#entries.delete(key);
		}
		this.#entries.set(key, { value, bytes });
		this.#bytes += bytes;
		for (const [oldest, entry] of this.#entries) {
			if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break;
			this.#entries.delete(oldest);
			this.#bytes -= entry.bytes;
		}
	}
}
