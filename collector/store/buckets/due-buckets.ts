import { bucketMs, messageWaitMs, nearMs, traceWaitMs } from './bucket-spans.ts';
import type { Derivation } from './derivation.ts';

/** A bucket as it was derived last. */
export interface BucketRun {
	/** Spans around the bucket, counted before it was derived. */
	seen: number;
	/** Calls that ended before this and that nobody answered were taken for calls of strangers. */
	settledMs: number;
}

export interface DueBucket {
	startMs: number;
	/** In it, and where the other halves of its calls are looked for. */
	spans: number;
	/** In it. */
	own: number;
	seen: number;
	settledMs: number;
	/** It was never derived. */
	isNew: boolean;
}

/** How long the answer to a call may be under way: exporters send every five seconds, collectors in between add theirs. */
export const settlingMs = 60_000;
/** How often a bucket without new spans is derived again while calls in it wait for their answers. */
const settlingStepMs = 20_000;

/** When a table is made of a bucket. */
type When = Pick<Derivation, 'isMadeWhenOver' | 'maxSpans'>;

/**
 * Which buckets have to be derived, newest first: those around which there are more spans than when they were derived last,
 * and those in which calls waited for an answer. Fewer spans are no reason: spans go sooner than what is derived from them.
 */
export function dueBuckets(
	/** Spans by start of bucket. */
	counts: ReadonlyMap<number, number>,
	runs: ReadonlyMap<number, BucketRun>,
	{ fromMs, nowMs }: { fromMs: number; nowMs: number },
	when: When = {},
): DueBucket[] {
	const settledMs = nowMs - settlingMs;
	const due: DueBucket[] = [];
	for (const [startMs, own] of counts) {
		if (startMs < fromMs || !isMade(own, startMs + bucketMs, settledMs, when)) continue;
		const seen = when.isMadeWhenOver ? spansUpTo(counts, startMs) : spansWithin(counts, startMs, messageWaitMs);
		const run = runs.get(startMs);
		const waits = run !== undefined && !when.isMadeWhenOver && isUnsettled(run, startMs + bucketMs, settledMs);
		if (run !== undefined && run.seen >= seen && !waits) continue;
		const spans = spansWithin(counts, startMs, nearMs);
		due.push({ startMs, spans, own, seen, settledMs, isNew: run === undefined });
	}
	return due.sort((a, b) => b.startMs - a.startMs);
}

/** A bucket without spans has nothing to count, whatever there is around it. */
function isMade(own: number, endMs: number, settledMs: number, { isMadeWhenOver, maxSpans = Infinity }: When): boolean {
	if (own === 0 || own > maxSpans) return false;
	return isMadeWhenOver !== true || endMs <= settledMs;
}

/** Of the bucket and those around it that statements look into: so many milliseconds back. */
function spansWithin(
	counts: ReadonlyMap<number, number>,
	startMs: number,
	backMs: number,
	aheadMs: number = nearMs,
): number {
	let spans = 0;
	for (let at = startMs - backMs; at <= startMs + aheadMs; at += bucketMs) spans += counts.get(at) ?? 0;
	return spans;
}

/** Of a bucket and all before it that its traces are followed into. */
export const spansUpTo = (counts: ReadonlyMap<number, number>, startMs: number): number =>
	spansWithin(counts, startMs, traceWaitMs, 0);

function isUnsettled(run: BucketRun, endMs: number, settledMs: number): boolean {
	if (run.settledMs >= endMs) return false;
	return settledMs >= endMs || settledMs - run.settledMs >= settlingStepMs;
}
