/** The spans of one trace as typed arrays, in any order: what the store reads and `collector/analysis/span-tree.ts` arranges. */
export interface TraceSpans {
	count: number;
	/** The 8 bytes as a big-endian number, so that its hexadecimal form is the id. */
	spanId: BigUint64Array;
	/** 0 for a root. */
	parentSpanId: BigUint64Array;
	startUnixNano: BigUint64Array;
	/** Exact below 2^53, that is 104 days. */
	durationNano: Float64Array;
	/** Index into SPAN_KINDS. */
	kind: Uint8Array;
	/** Index into SPAN_TYPES. */
	type: Uint8Array;
	/** Index into STATUS_CODES. */
	statusCode: Uint8Array;
	/** 1 when the span counts as a failure. */
	error: Uint8Array;
	/** Bits of SPAN_MARKS. */
	marks: Uint32Array;
	/** `http.response.status_code`, 0 where absent. */
	httpStatus: Uint16Array;
	/** How many events and links the span has, for badges. */
	events: Uint16Array;
	links: Uint16Array;
	/** Spans with equal numbers ran on one host, so that their times can be compared; without a host, one service. */
	clock: Uint32Array;
	/** Indexes into the lists below. */
	service: Uint32Array;
	name: Uint32Array;
	/** What the span does, by its attributes: an index into `names`. For a query `SELECT orders`, whatever it was named. */
	operation: Uint32Array;
	/** `namespace/name`, or the bare name where the namespace is empty. */
	services: string[];
	names: string[];
}
