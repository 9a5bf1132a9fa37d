import type { Issue } from '../../../schema/api-issues.ts';

/** Those that came back first, then the new ones, each by their newest occurrence. */
export function unseenIssues(issues: readonly Issue[]): Issue[] {
	const rank = ({ state }: Issue): number => (state === 'regressed' ? 0 : 1);
	return issues
		.filter(({ state }) => state === 'regressed' || state === 'new')
		.sort((a, b) => rank(a) - rank(b) || b.lastSeenMs - a.lastSeenMs || (a.issueId < b.issueId ? -1 : 1));
}
