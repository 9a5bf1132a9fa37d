import { releaseMemory } from '../release-memory.ts';
import type { BlockCodec, SpoolBlock } from './spool-block.ts';

/** Records that were just synced, as frames, so that a drain which keeps up neither reads nor unpacks what it stores. */
export class RecentBlocks<Block extends SpoolBlock> {
	readonly #maxBytes: number;
	readonly #codec: BlockCodec<Block>;
	readonly #frames = new Map<number, Uint8Array<ArrayBuffer>>();
	#bytes = 0;

	constructor(maxBytes: number, codec: BlockCodec<Block>) {
		this.#maxBytes = maxBytes;
		this.#codec = codec;
	}

	/**
	 * Takes over the frame. When there is no room the record is read from disk instead: what waits longest is drained first,
	 * so it stays.
	 */
	put(id: number, frame: Uint8Array<ArrayBuffer>): void {
		if (this.#bytes + frame.length > this.#maxBytes) return releaseMemory(frame);
		this.#frames.set(id, frame);
		this.#bytes += frame.length;
	}

	/** Its columns share the memory of the frame, and hold until that is dropped. */
	get(id: number): Block | undefined {
		const frame = this.#frames.get(id);
		return frame === undefined ? undefined : this.#codec.open(frame);
	}

	drop(id: number): void {
		const frame = this.#frames.get(id);
		if (frame === undefined) return;
		this.#frames.delete(id);
		this.#bytes -= frame.length;
		releaseMemory(frame);
	}
}
