import { totalmem } from 'node:os';

const MiB = 1024 * 1024;

/** A tenth of the memory that this process may use, 128 MiB at most. */
export function usualBytesInFlight(): number {
	const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity);
	return Math.min(128 * MiB, memory / 10);
}

/** Room that is taken. */
export interface Hold {
	/** The size is known by now, and the bytes are there already: nothing is asked. */
	resize(bytes: number): void;
	/** Gives the room back; a second time does nothing. */
	release(): void;
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

	/** Undefined when there is no room. A request that is larger than all of it is taken when nothing else is held. */
	hold(bytes: number): Hold | undefined {
		if (this.#heldBytes > 0 && this.#heldBytes + bytes > this.#maxBytes) return undefined;
		let held = bytes;
		this.#heldBytes += held;
		const resize = (to: number): void => {
			this.#heldBytes += to - held;
			held = to;
		};
		let isReleased = false;
		return {
			resize: (to) => {
				if (!isReleased) resize(to);
			},
			release: () => {
				resize(0);
				isReleased = true;
			},
		};
	}
}
