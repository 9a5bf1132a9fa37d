import { releaseMemory } from '../../release-memory.ts';

/** So much is gathered before it is sent: in a few milliseconds, so that others get their turn in between. */
const PIECE_BYTES = 2 * 1024 ** 2;

const ALIGNMENT = 64 * 1024;

/**
 * Memory that the pieces of inserts are written into. Each is lent again once its insert is answered: left to the garbage
 * collector, pieces alone made V8 run a whole collection for every hundred thousand spans.
 */
export class PieceMemory {
	#free: Buffer[] = [];
	#scratch = new ArrayBuffer(0);

	/** Of `bytes`, or of a whole piece where that is less. What it holds is to be overwritten. */
	lend(bytes: number = PIECE_BYTES): Buffer {
		if (bytes < PIECE_BYTES) return Buffer.allocUnsafe(bytes);
		return this.#free.pop() ?? Buffer.allocUnsafeSlow(PIECE_BYTES);
	}

	/** Bytes for what is worked out before it is written into a piece: they hold until the next are asked for. */
	scratch(bytes: number): ArrayBuffer {
		if (this.#scratch.byteLength < bytes) this.#scratch = new ArrayBuffer(Math.ceil(bytes / ALIGNMENT) * ALIGNMENT);
		return this.#scratch;
	}

	/** Views of what was lent; nothing may read them any more. As much is kept as the last insert took. */
	giveBack(pieces: readonly Buffer[]): void {
		for (const unused of this.#free) releaseMemory(unused);
		this.#free = pieces.flatMap(({ buffer }) =>
			buffer instanceof ArrayBuffer && buffer.byteLength === PIECE_BYTES ? [Buffer.from(buffer)] : [],
		);
	}
}
