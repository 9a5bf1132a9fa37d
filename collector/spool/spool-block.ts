/** What a spool needs to know of the blocks that it keeps, whatever they hold. */
export interface SpoolBlock {
	project: string;
	rows: number;
	/** Of each row: which partition it belongs to. */
	timeUnixMs: BigInt64Array | readonly number[];
}

/** How frames, which tell themselves apart from those of other kinds and versions, become blocks again. */
export interface BlockCodec<Block extends SpoolBlock> {
	/** Throws RecordError for whatever could harm those who read the block. */
	decode: (frame: Uint8Array<ArrayBuffer>) => Block;
	/** The same for a frame that never left this process: nothing is looked at. */
	open: (frame: Uint8Array<ArrayBuffer>) => Block;
}
