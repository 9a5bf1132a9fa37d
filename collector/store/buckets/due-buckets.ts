import { bucketMs, messageWaitMs, nearMs } from './bucket-spans.ts';
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

/**
 * Which buckets have to be derived, newest first: those around which there are more spans than when they were derived last,
 * and those in which calls waited for an answer. Fewer spans are no reason: spans go sooner than what is derived from them.
 */
export function dueBuckets(
	/** Spans by start of bucket. */
	counts: ReadonlyMap<number, number>,
	runs: ReadonlyMap<number, BucketRun>,
	window: { fromMs: number; nowMs: number },
	{ isMadeWhenOver = false }: Pick<Derivation, 'isMadeWhenOver'> = {},
): DueBucket[] {
	const settledMs = window.nowMs - settlingMs;
	const due: DueBucket[] = [];
	for (const startMs of touchedBuckets(counts)) {
		if (startMs < window.fromMs || (isMadeWhenOver && startMs + bucketMs > settledMs)) continue;
		const seen = isMadeWhenOver ? spansUpTo(counts, startMs) : spansWithin(counts, startMs, messageWaitMs);
		const run = runs.get(startMs);
		const isSettled = isMadeWhenOver || (run !== undefined && !isUnsettled(run, startMs + bucketMs, settledMs));
		if (run !== undefined && run.seen >= seen && isSettled) continue;
		const [own, spans] = [counts.get(startMs) ?? 0, spansWithin(counts, startMs, nearMs)];
		due.push({ startMs, spans, own, seen, settledMs, isNew: run === undefined });
	}
	return due.sort((a, b) => b.startMs - a.startMs);
}

/** A bucket without spans has nothing to count, whatever there is around it. */
const touchedBuckets = (counts: ReadonlyMap<number, number>): number[] =>
	[...counts].filter(([, count]) => count > 0).map(([startMs]) => startMs);

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
	spansWithin(counts, startMs, messageWaitMs, 0);

function isUnsettled(run: BucketRun, endMs: number, settledMs: number): boolean {
	if (run.settledMs >= endMs) return false;
	return settledMs >= endMs || settledMs - run.settledMs >= settlingStepMs;
}
