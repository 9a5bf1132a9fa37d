import { totalmem } from 'node:os';

const MiB = 1024 * 1024;

/** A tenth of the memory that this process may use, 128 MiB at most. */
export function usualBytesInFlight(): number {
	const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity);
	return Math.min(128 * MiB, memory / 10);
}

/** Room that is taken. */
export interface Hold {
	/** Takes less or more room; false, and nothing changes, when there is none. */
	resize(bytes: number): boolean;
	/** Gives the room back, once what it is kept for is over; a second time does nothing. */
	release(): void;
	/** What is done with the bytes, which may outlast the answer. */
	keepFor(work: Promise<unknown>): void;
}

/** How many bytes of requests are held at once, over all connections. */
export class BytesInFlight {
	readonly #maxBytes: number;
	#heldBytes = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	get heldBytes(): number {
		return this.#heldBytes;
	}

	/** Whether so many bytes would find room now. */
	hasRoomFor(bytes: number): boolean {
		return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#maxBytes;
	}

	/** Undefined when there is no room. A request that is larger than all of it is taken when nothing else is held. */
	hold(bytes: number): Hold | undefined {
		let held = 0;
		const resize = (to: number): boolean => {
			const others = this.#heldBytes - held;
			if (to > held && others > 0 && others + to > this.#maxBytes) return false;
			this.#heldBytes = others + to;
			held = to;
			return true;
		};
		let isReleased = false;
		const free = (): void => {
			resize(0);
			isReleased = true;
		};
		let work: Promise<unknown> | undefined;
		const hold: Hold = {
			resize: (to) => !isReleased && resize(to),
			release: () => (work === undefined ? free() : void work.then(free, free)),
			keepFor: (kept) => (work = kept),
		};
		return resize(bytes) ? hold : undefined;
	}
}
