import { LEAST_SHARE } from '../../charts/step-rate.ts';
import type { Issue } from '../../../schema/api-issues.ts';
import type { IssueSort } from './issues-query.ts';

const VALUES: Record<IssueSort, (issue: Issue) => number | string> = {
	last: (issue) => issue.lastSeenMs,
	first: (issue) => issue.firstSeenMs,
	count: (issue) => issue.count,
	traces: (issue) => issue.traces,
	wasted: (issue) => issue.wastedNano,
	title: (issue) => issue.title.toLowerCase(),
};

export function sortIssues(issues: readonly Issue[], sort: IssueSort | `-${IssueSort}`): Issue[] {
	const isDown = sort.startsWith('-');
	const valueOf = VALUES[(isDown ? sort.slice(1) : sort) as IssueSort];
	const order = (a: Issue, b: Issue) => {
		const [left, right] = [valueOf(a), valueOf(b)];
		return left === right ? 0 : left < right ? -1 : 1;
	};
	return issues.toSorted((a, b) => (isDown ? order(b, a) : order(a, b)) || (a.issueId < b.issueId ? -1 : 1));
}

/** A count for every step of the window; the server leaves out those without. */
export function countsByStep(
	points: readonly (readonly [tMs: number, count: number])[],
	window: { fromMs: number; toMs: number },
	stepMs: number,
): { timesMs: number[]; counts: number[] } {
	const first = Math.floor(window.fromMs / stepMs) * stepMs;
	const length = Math.max(1, Math.min(2_000, Math.ceil((window.toMs - first) / stepMs)));
	const counts = Array.from({ length }, () => 0);
	for (const [tMs, count] of points) {
		const index = Math.round((tMs - first) / stepMs);
		if (index >= 0 && index < length) counts[index] = (counts[index] ?? 0) + count;
	}
	return { timesMs: counts.map((_, index) => first + index * stepMs), counts };
}

/**
 * Occurrences a step, as if the window had all of the steps at its ends: what goes on is a straight line to them. Unlike a rate, an
 * occurrence shows however little of its step has passed: it is the one that just came.
 */
export function issueCourse(
	points: Issue['points'],
	window: { fromMs: number; toMs: number },
	stepMs: number,
): (number | null)[] {
	const { timesMs, counts } = countsByStep(points, window, stepMs);
	return counts.map((count, step) => {
		const fromMs = timesMs[step] ?? 0;
		const share = (Math.min(fromMs + stepMs, window.toMs) - Math.max(fromMs, window.fromMs)) / stepMs;
		return count === 0 && share < LEAST_SHARE ? null : count / Math.max(share, LEAST_SHARE);
	});
}
