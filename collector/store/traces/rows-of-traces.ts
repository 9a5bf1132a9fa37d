const idBytes = 16;

/** Rows of one trace: from the first up to the one after the last. */
export interface RowsOfTrace {
	traceId: string;
	from: number;
	to: number;
}

/** Of rows that come trace by trace. @param ids 16 bytes a row */
export function* rowsOfTraces(ids: Uint8Array): Generator<RowsOfTrace> {
	const bytes = Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength);
	const rows = ids.length / idBytes;
	const isSame = (a: number, b: number): boolean =>
		bytes.compare(bytes, a * idBytes, (a + 1) * idBytes, b * idBytes, (b + 1) * idBytes) === 0;
	for (let from = 0; from < rows;) {
		let to = from + 1;
		while (to < rows && isSame(from, to)) to += 1;
		yield { traceId: bytes.toString('hex', from * idBytes, (from + 1) * idBytes), from, to };
		from = to;
	}
}
