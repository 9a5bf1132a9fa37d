import type { SpanBlock } from '../../schema/span-block.ts';

/** Blocks of records that were just synced, so that a drain which keeps up neither reads nor decodes what it stores. */
export class RecentBlocks {
	readonly #maxBytes: number;
	readonly #blocks = new Map<number, { block: SpanBlock; bytes: number }>();
	#bytes = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** When there is no room the record is read from disk instead: what waits longest is drained first, so it stays. */
	put(id: number, block: SpanBlock, bytes: number): void {
		if (this.#bytes + bytes > this.#maxBytes) return;
		this.#blocks.set(id, { block, bytes });
		this.#bytes += bytes;
	}

	get(id: number): SpanBlock | undefined {
		return this.#blocks.get(id)?.block;
	}

	drop(id: number): void {
		const found = this.#blocks.get(id);
		if (found === undefined) return;
		this.#blocks.delete(id);
		this.#bytes -= found.bytes;
	}
}
