/** Outside of the ring that stands around a node's disc, in pixels. */
export const RING_RADIUS = 15;
const LARGEST = 11;
const SMALLEST = 2;

/**
 * Radius in pixels of a node's disc, whose area is the node's requests against those of the busiest node that is drawn. 0 without
 * requests; what is much less than others can still be seen.
 */
export function discRadius(requests: number, topRequests: number): number {
	if (requests <= 0) return 0;
	return Math.max(SMALLEST, LARGEST * Math.sqrt(Math.min(1, requests / Math.max(requests, topRequests))));
}

/** How much of the ring stands for errors, of 100; what failed at all can be seen. */
export function ringPercent(requests: number, errors: number): number {
	if (requests <= 0 || errors <= 0) return 0;
	return Math.max(2, Math.min(100, (errors * 100) / requests));
}
