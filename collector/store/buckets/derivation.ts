/**
 * A table whose rows of one bucket are inserted as one block. Statements bind `project`, `bucketMs`, `version`, `seen` (spans that
 * were there before this began), `settledMs` (when a call must have ended to be one that nobody answers), and which traces:
 * see `inBucket`.
 */
export interface Derivation {
	table: string;
	/** Makes the block of the spans of the bucket. */
	whole: string;
	/** Selects what makes the block together with what it selects of other traces. */
	slice: string;
	/** Makes the block of such rows, which it reads by `slicesOf`. */
	ofSlices: string;
}

/** Rows that come with the statement. `structure`: their columns with their types. */
export const slicesOf = (structure: string): string =>
	`SELECT * FROM input('${structure.replaceAll("'", String.raw`\'`)}')`;
