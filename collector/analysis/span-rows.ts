/** Spans as rows: a parent before its children, children by start. The rows below `row` are those up to `end[row]`. */
export interface SpanTree {
	count: number;
	start: Float64Array;
	duration: Float64Array;
	/** -1 for roots. */
	parent: Int32Array;
	/** One past the last row of the subtree. */
	end: Uint32Array;
	depth: Uint32Array;
}
