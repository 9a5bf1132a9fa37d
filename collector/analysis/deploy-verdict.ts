import { bucketMiddleNano, quantileNano, ZERO_BUCKET } from '../../schema/histogram.ts';
import type { BucketCounts } from '../../schema/histogram.ts';
import type { Verdict } from '../../schema/verdict.ts';
import { correctedZ, differenceInterval } from './share-interval.ts';

/** One side of a comparison: counts weighted by sampling, and how many spans were seen for them. */
export interface Side {
	spans: number;
	requests: number;
	errors: number;
	buckets: BucketCounts;
}

/** Shares of requests, after less before, and the interval in which that difference lies. */
export interface Judgement {
	verdict: Verdict;
	before: number;
	after: number;
	low: number;
	high: number;
}

export interface DeployJudgement {
	/** Of requests that failed. */
	errors: Judgement;
	/** Of requests that took longer than 95 % of those before. */
	slow: Judgement;
	/** That length: the middle of its bucket. Null without requests before. */
	slowNano: number | null;
}

/** Fewer spans on either side can't tell. */
export const LEAST_SPANS = 200;
/** A smaller difference of shares is none that matters, however sure it is. */
const errorTolerance = 0.005;
const slowTolerance = 0.02;

/** `tests`: how many comparisons are looked at together; more of them need clearer differences. */
export function judgeDeploy(before: Side, after: Side, tests: number): DeployJudgement {
	const z = correctedZ(tests);
	const slowNano = quantileNano(before.buckets, 0.95);
	const edge = slowNano === null ? Infinity : edgeOf(before.buckets, slowNano);
	return {
		errors: judge(before, after, before.errors, after.errors, z, errorTolerance),
		slow: judge(before, after, above(before.buckets, edge), above(after.buckets, edge), z, slowTolerance),
		slowNano,
	};
}

function judge(before: Side, after: Side, bad: number, badAfter: number, z: number, tolerance: number): Judgement {
	const shares = { before: shareOf(bad, before), after: shareOf(badAfter, after) };
	if (before.spans < LEAST_SPANS || after.spans < LEAST_SPANS)
		return { verdict: 'unsure', ...shares, low: -1, high: 1 };
	// Weights say what the spans stand for; how sure one can be goes by how many there were.
	const { low, high } = differenceInterval(
		shares.after * after.spans,
		after.spans,
		shares.before * before.spans,
		before.spans,
		z,
	);
	return { verdict: verdictOf(shares.after - shares.before, low, high, tolerance), ...shares, low, high };
}

function verdictOf(difference: number, low: number, high: number, tolerance: number): Verdict {
	if (low > 0 && difference > tolerance) return 'worse';
	if (high < 0 && difference < -tolerance) return 'better';
	return low >= -tolerance && high <= tolerance ? 'same' : 'unsure';
}

const shareOf = (part: number, { requests }: Side): number => (requests === 0 ? 0 : Math.min(1, part / requests));

/** The bucket whose middle the quantile is. */
function edgeOf(buckets: BucketCounts, nano: number): number {
	for (const bucket of buckets.keys()) if (Math.round(bucketMiddleNano(bucket)) === nano) return bucket;
	return ZERO_BUCKET;
}

function above(buckets: BucketCounts, edge: number): number {
	let requests = 0;
	for (const [bucket, count] of buckets) if (bucket > edge) requests += count;
	return requests;
}

/** One bad thing is enough to be worse; all must be clear for it to be the same. */
export function together(verdicts: readonly Verdict[]): Verdict {
	if (verdicts.includes('worse')) return 'worse';
	if (verdicts.length === 0 || verdicts.includes('unsure')) return 'unsure';
	return verdicts.includes('better') ? 'better' : 'same';
}
