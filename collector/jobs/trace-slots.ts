const idBytes = 16;
const none = -1;

/** Differs with every start, so that nobody can send traces that all fall into one chain. */
const seed = Math.floor(Math.random() * 2 ** 32) | 0;

/**
 * Up to so many traces, each a slot of typed arrays, in order of when one was put last: as objects in a map two hundred
 * thousand of them took 40 MiB, which V8 doubled. Memory is the system's, and taken when a slot is first used.
 */
export class TraceSlots {
	readonly most: number;
	/** Numbers that its user gives projects. */
	readonly project: Uint32Array;
	/** Unix milliseconds: when spans ended, first and last, and when the slot was put last. */
	readonly fromMs: Float64Array;
	readonly toMs: Float64Array;
	readonly putMs: Float64Array;
	readonly spans: Float64Array;
	readonly firstCommit: Float64Array;
	readonly #ids: Uint8Array<ArrayBuffer>;
	/** By hash, the slot that was added last. */
	readonly #chains: Int32Array;
	/** In the same chain, the one that was added before. */
	readonly #chained: Int32Array;
	/** In order; for free slots, the one that became free before. */
	readonly #next: Int32Array;
	readonly #previous: Int32Array;
	#first = none;
	#last = none;
	#free = none;
	#used = 0;
	#size = 0;

	constructor(most: number) {
		this.most = most;
		this.project = new Uint32Array(most);
		this.fromMs = new Float64Array(most);
		this.toMs = new Float64Array(most);
		this.putMs = new Float64Array(most);
		this.spans = new Float64Array(most);
		this.firstCommit = new Float64Array(most);
		this.#ids = new Uint8Array(most * idBytes);
		this.#chains = new Int32Array(2 ** Math.ceil(Math.log2(most + 1))).fill(none);
		this.#chained = new Int32Array(most);
		this.#next = new Int32Array(most);
		this.#previous = new Int32Array(most);
	}

	get size(): number {
		return this.#size;
	}

	/** The one that was put before all others; undefined where there is none. */
	get first(): number | undefined {
		return this.#first === none ? undefined : this.#first;
	}

	/** The one that was put next. */
	after(slot: number): number | undefined {
		const next = this.#next[slot] as number;
		return next === none ? undefined : next;
	}

	/** The slot of a project's trace, whose 16 bytes begin at `offset`. */
	find(project: number, ids: Uint8Array, offset: number): number | undefined {
		let slot = this.#chains[this.#chainOf(ids, offset)] as number;
		while (slot !== none && !this.#holds(slot, project, ids, offset)) slot = this.#chained[slot] as number;
		return slot === none ? undefined : slot;
	}

	/** A slot for a trace that has none, put after all others. There must be room for it. Its numbers are the caller's to set. */
	add(project: number, ids: Uint8Array, offset: number): number {
		const slot = this.#free === none ? this.#used++ : this.#free;
		if (slot === this.#free) this.#free = this.#next[slot] as number;
		this.#size += 1;
		this.project[slot] = project;
		this.#ids.set(ids.subarray(offset, offset + idBytes), slot * idBytes);
		const chain = this.#chainOf(ids, offset);
		this.#chained[slot] = this.#chains[chain] as number;
		this.#chains[chain] = slot;
		this.#append(slot);
		return slot;
	}

	putLast(slot: number): void {
		this.#unlink(slot);
		this.#append(slot);
	}

	remove(slot: number): void {
		const chain = this.#chainOf(this.#ids, slot * idBytes);
		const next = this.#chained[slot] as number;
		let before = this.#chains[chain] as number;
		if (before === slot) this.#chains[chain] = next;
		else {
			while (this.#chained[before] !== slot) before = this.#chained[before] as number;
			this.#chained[before] = next;
		}
		this.#unlink(slot);
		this.#next[slot] = this.#free;
		this.#free = slot;
		this.#size -= 1;
	}

	/** Hexadecimal. */
	traceId(slot: number): string {
		return Buffer.from(this.#ids.buffer, slot * idBytes, idBytes).toString('hex');
	}

	/** The first four bytes of its id. */
	beginning(slot: number): number {
		return new DataView(this.#ids.buffer).getUint32(slot * idBytes);
	}

	#holds(slot: number, project: number, ids: Uint8Array, offset: number): boolean {
		if (this.project[slot] !== project) return false;
		const own = slot * idBytes;
		for (let at = 0; at < idBytes; at += 1) if (this.#ids[own + at] !== ids[offset + at]) return false;
		return true;
	}

	#chainOf(ids: Uint8Array, offset: number): number {
		let hash = seed;
		for (let at = 0; at < idBytes; at += 1) {
			hash = Math.imul(hash ^ (ids[offset + at] as number), 0x85eb_ca6b);
			hash ^= hash >>> 13;
		}
		return hash & (this.#chains.length - 1);
	}

	#append(slot: number): void {
		this.#previous[slot] = this.#last;
		this.#next[slot] = none;
		if (this.#last === none) this.#first = slot;
		else this.#next[this.#last] = slot;
		this.#last = slot;
	}

	#unlink(slot: number): void {
		const previous = this.#previous[slot] as number;
		const next = this.#next[slot] as number;
		if (previous === none) this.#first = next;
		else this.#next[previous] = next;
		if (next === none) this.#last = previous;
		else this.#previous[next] = previous;
	}
}
