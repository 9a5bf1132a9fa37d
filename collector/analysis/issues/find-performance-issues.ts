import { findGaps } from './find-gaps.ts';
import { findNPlusOne, findRepeatedCalls, findRetryStorms } from './find-repeats.ts';
import { findSequentialCalls } from './find-sequences.ts';
import { callsByParent, startOf } from './trace-calls.ts';
import type { Finding, TraceOfCalls } from './trace-calls.ts';

/**
 * Where a complete trace wasted time. A call is part of one finding at most, of the one that says most: attempts that
 * failed are a retry storm rather than an N+1, and the calls of an N+1 are not also named as repeated or sequential. Pure,
 * and the same for the same spans in any order.
 */
export function findPerformanceIssues(of: TraceOfCalls): Finding[] {
	const found: Finding[] = [];
	const named = new Set<number>();
	const add = (findings: readonly Finding[]) => {
		for (const finding of findings) {
			found.push(finding);
			for (const row of finding.rows) named.add(row);
		}
	};
	const lists = [...callsByParent(of).values()];
	const left = (calls: readonly number[]) => calls.filter((row) => !named.has(row));
	for (const calls of lists) add(findRetryStorms(of, calls));
	const attempts = new Set(named);
	for (const calls of lists) add(findNPlusOne(of, left(calls)));
	add(
		findRepeatedCalls(
			of,
			left(lists.flat()).sort((a, b) => startOf(of, a) - startOf(of, b) || a - b),
		),
	);
	for (const calls of lists) add(findSequentialCalls(of, left(calls)));
	add(findGaps(of, attempts));
	return found;
}
