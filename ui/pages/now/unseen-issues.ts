import type { Issue } from '../../../schema/api-issues.ts';

/** Those that came back or escalate first, then the new ones, each by their newest occurrence. */
export function unseenIssues(issues: readonly Issue[]): Issue[] {
	const rank = ({ state }: Issue): number => (state === 'new' ? 1 : 0);
	return issues
		.filter(({ state }) => state === 'regressed' || state === 'escalating' || state === 'new')
		.sort((a, b) => rank(a) - rank(b) || b.lastSeenMs - a.lastSeenMs || (a.issueId < b.issueId ? -1 : 1));
}
