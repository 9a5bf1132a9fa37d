/**
 * A table whose rows of one bucket are inserted as one block. Statements bind `project`, `bucketMs`, `version`, `seen` (spans that
 * were there before this began, around the bucket, and `own` in it), `settledMs` (when a call must have ended to be one that nobody
 * answers), and which traces: see `inBucket`.
 */
export interface Derivation {
	table: string;
	/** Makes the block of the spans of the bucket. */
	whole: string;
	/** Selects what makes the block together with what it selects of other traces. */
	slice: string;
	/** Makes the block of such rows, which it reads by `slicesOf`. */
	ofSlices: string;
	/** Nothing of a bucket that goes on; made of it and what lies before it, so that what comes behind it is no reason to make it anew. */
	isMadeWhenOver?: boolean;
	/** In the bucket: nothing is made of one with more, and who reads the table does without. */
	maxSpans?: number;
}

/** Rows that come with the statement. `structure`: their columns with their types. */
export const slicesOf = (structure: string): string =>
	`SELECT * FROM input('${structure.replaceAll("'", String.raw`\'`)}')`;
