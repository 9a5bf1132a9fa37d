/** So full a batch need not wait for more. */
const fullShare = 0.8;
/** From this share of a batch on there is enough traffic to gather for longer, by this factor. */
const busyShare = 0.05;
const busyFactor = 2;

interface Spans {
	waiting: number;
	/** In a batch, as large as the store has memory for now. */
	perBatch: number;
	/** In a batch as large as they get. */
	most: number;
}

/**
 * How long after the batch before a batch with so many waiting spans begins. What a batch costs beside its rows is shared
 * by more of them the longer it gathers; while little comes in, spans had better be seen soon.
 */
export function batchDistanceMs({ waiting, perBatch, most }: Spans, lingerMs: number): number {
	if (waiting >= perBatch * fullShare) return 0;
	return waiting < most * busyShare ? lingerMs : lingerMs * busyFactor;
}
