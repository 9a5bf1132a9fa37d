/** A SpanBlock as one run of bytes, so that a thread hands it over at once, and the spool writes it as it is. */
export interface PackedBlock {
	project: string;
	/** Spans. */
	rows: number;
	/** The columns of the block, with the head that says which they are. On an ArrayBuffer of its own. */
	frame: Uint8Array<ArrayBuffer>;
	/** The frame compressed with zstd, on an ArrayBuffer of its own; undefined where that brings nothing. */
	zstd: Uint8Array<ArrayBuffer> | undefined;
}
