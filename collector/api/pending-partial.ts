import type { Partial } from '../../schema/api.ts';

/** What an answer says while some of the five minutes of its window are not derived yet; nothing once all are. */
export function pendingPartial(
	{ pendingBuckets, buckets }: { pendingBuckets: number; buckets: number },
	reason: string,
): { partial?: Partial } {
	if (pendingBuckets === 0) return {};
	return { partial: { reason, seen: buckets - pendingBuckets, of: buckets, what: 'parts of the window' } };
}
