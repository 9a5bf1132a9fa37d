import { durationOf, factsOf, findingOf, isFailed, longestNano, serviceOf, startOf, unionNano } from './trace-calls.ts';
import type { Finding, TraceOfCalls } from './trace-calls.ts';

const millisecond = 1e6;
/** N+1: so many calls of one fingerprint below one span, that together take at least so long. */
const FEWEST_OF_N_PLUS_ONE = 5;
const LEAST_N_PLUS_ONE_NANO = 50 * millisecond;
/** Identical calls anywhere in a trace. */
const FEWEST_IDENTICAL = 3;
const LEAST_IDENTICAL_NANO = 20 * millisecond;
/** Attempts after a failure. */
const FEWEST_ATTEMPTS = 3;

/** Calls of one fingerprint below one span, in whatever order others come between them. */
function* sameCalls(of: TraceOfCalls, calls: readonly number[]): Generator<number[]> {
	const groups = Map.groupBy(calls, (row) => JSON.stringify([serviceOf(of, row), factsOf(of, row).subject]));
	yield* groups.values();
}

/** At least three attempts at one call, of which all but the last failed, one after the other. */
export function findRetryStorms(of: TraceOfCalls, calls: readonly number[]): Finding[] {
	const found: Finding[] = [];
	for (const group of sameCalls(of, calls)) {
		let attempts: number[] = [];
		const close = () => {
			const [first, last] = [attempts[0], attempts.at(-1)];
			if (attempts.length >= FEWEST_ATTEMPTS && first !== undefined && last !== undefined) {
				const wasted = startOf(of, last) - startOf(of, first) + (isFailed(of, last) ? durationOf(of, last) : 0);
				found.push(findingOf(of, 'retry-storm', attempts, factsOf(of, first).subject, wasted));
			}
			attempts = [];
		};
		for (const row of group) {
			const before = attempts.at(-1);
			// A call that began before the last one failed is no second attempt.
			if (before !== undefined && startOf(of, row) < startOf(of, before) + durationOf(of, before)) attempts = [];
			attempts.push(row);
			if (!isFailed(of, row)) close();
		}
		close();
	}
	return found;
}

/** At least five calls of one fingerprint below one span, sequential, parallel or interleaved. */
export function findNPlusOne(of: TraceOfCalls, calls: readonly number[]): Finding[] {
	const found: Finding[] = [];
	for (const group of sameCalls(of, calls)) {
		const union = unionNano(of, group);
		if (group.length < FEWEST_OF_N_PLUS_ONE || union < LEAST_N_PLUS_ONE_NANO) continue;
		const [first = 0] = group;
		// One call for all would have taken about as long as the longest of them.
		found.push(findingOf(of, 'n-plus-one', group, factsOf(of, first).subject, union - longestNano(of, group)));
	}
	return found;
}

/** Calls that ask the same with the same values, below whichever spans of one service. */
export function findRepeatedCalls(of: TraceOfCalls, calls: readonly number[]): Finding[] {
	const found: Finding[] = [];
	const known = calls.filter((row) => factsOf(of, row).identity !== '' && factsOf(of, row).isRead);
	const groups = Map.groupBy(known, (row) => JSON.stringify([serviceOf(of, row), factsOf(of, row).identity]));
	for (const group of groups.values()) {
		const union = unionNano(of, group);
		if (group.length < FEWEST_IDENTICAL || union < LEAST_IDENTICAL_NANO) continue;
		const [first = 0] = group;
		const finding = findingOf(of, 'repeated-calls', group, factsOf(of, first).subject, union - durationOf(of, first));
		if (finding.wastedNano > 0) found.push(finding);
	}
	return found;
}
