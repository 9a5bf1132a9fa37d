import { HISTOGRAM_SCALE } from '../../../schema/histogram.ts';
import type { LatencyHistogramAnswer } from '../../../schema/api-measures.ts';

/** Durations from above `fromNano` up to and with `toNano`, and how many requests took so long. */
export interface LatencyBar {
	fromNano: number;
	toNano: number;
	requests: number;
	errors: number;
}

const bucketsPerDoubling = 2 ** HISTOGRAM_SCALE;
/** Finer than this the eye sees noise; the bars' edges stay edges of buckets. */
const barsPerDoubling = 4;
const width = bucketsPerDoubling / barsPerDoubling;

const edgeNano = (bar: number): number => 2 ** ((bar * width) / bucketsPerDoubling);

/** All steps together, from the first bar with requests to the last, empty ones between them included. */
export function latencyBars({ points }: Pick<LatencyHistogramAnswer, 'points'>): LatencyBar[] {
	const counts = new Map<number, { requests: number; errors: number }>();
	for (const { buckets, requests, errors } of points) {
		for (const [i, bucket] of buckets.entries()) {
			const bar = Math.floor(bucket / width);
			const count = counts.get(bar) ?? { requests: 0, errors: 0 };
			count.requests += requests[i] ?? 0;
			count.errors += errors[i] ?? 0;
			counts.set(bar, count);
		}
	}
	if (counts.size === 0) return [];
	const first = Math.min(...counts.keys());
	const last = Math.max(...counts.keys());
	return Array.from({ length: last - first + 1 }, (_, i) => {
		const bar = first + i;
		const count = counts.get(bar) ?? { requests: 0, errors: 0 };
		return { fromNano: bar < 0 ? 0 : edgeNano(bar), toNano: edgeNano(bar + 1), ...count };
	});
}
