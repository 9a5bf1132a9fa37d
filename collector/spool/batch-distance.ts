/** So full a batch need not wait for more. */
const fullShare = 0.8;
/** From this share of a batch on there is enough traffic to gather for longer, by this factor. */
const busyShare = 0.05;
const busyFactor = 2;

/**
 * How long after the batch before a batch with so many waiting spans begins. What a batch costs beside its rows is shared
 * by more of them the longer it gathers; while little comes in, spans had better be seen soon.
 */
export function batchDistanceMs(waitingSpans: number, maxSpans: number, lingerMs: number): number {
	if (waitingSpans >= maxSpans * fullShare) return 0;
	return waitingSpans < maxSpans * busyShare ? lingerMs : lingerMs * busyFactor;
}
