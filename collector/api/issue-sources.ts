import type { Issue, IssuesAnswer } from '../../schema/api-issues.ts';
import type { Access } from '../access/access.ts';
import { IssueMerges } from '../analysis/issues/issue-merges.ts';
import { ISSUE_DOCUMENT } from '../analysis/issues/issue-state.ts';
import { ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import type { DocumentKey } from '../state/state-table.ts';
import type { IssueGroup, IssueReader } from '../store/issues/issue-types.ts';
import type { RedReader, WindowScope } from '../store/reader-types.ts';
import { toIssue } from './issue-rows.ts';

/** What the routes about issues are made of. */
export interface IssueSources {
	issues: IssueReader;
	/** Knows which services there are. */
	red: Pick<RedReader, 'namespacesOf'>;
	state: StateStore;
	access: Pick<Access, 'isLoginNeeded' | 'users'>;
	/** What the search for performance issues has looked at. */
	analysed(): IssuesAnswer['analysis'];
	/** Unix milliseconds. */
	clock: () => number;
}

export const issueKey = (project: string, name: string): DocumentKey => ({ project, kind: ISSUE_DOCUMENT, name });

export const mergesOf = ({ state }: Pick<IssueSources, 'state'>, project: string): IssueMerges =>
	new IssueMerges(state.list(project, ISSUE_DOCUMENT));

/** The issue of an id, or the one that it was merged into. Throws NO_SUCH_ISSUE when it did not occur in the window. */
export async function existingIssue(
	{ issues }: IssueSources,
	scope: WindowScope,
	{ issueId, merges, stepMs }: { issueId: string; merges: IssueMerges; stepMs: number },
): Promise<IssueGroup> {
	const group = await issues.issue(scope, merges.withMembers(merges.rootOf(issueId)), stepMs);
	if (group === undefined) throw noSuchIssue(issueId);
	return group;
}

export const noSuchIssue = (issueId: string): ProblemError =>
	new ProblemError(404, 'NO_SUCH_ISSUE', `issue ${issueId} did not occur in this window; a wider one may have it`);

/** Adds when each was first and last seen, and what was decided of it. */
export async function decidedIssues(
	{ issues, state, clock }: IssueSources,
	scope: WindowScope,
	{ groups, merges }: { groups: readonly IssueGroup[]; merges: IssueMerges },
): Promise<Issue[]> {
	if (groups.length === 0) return [];
	const members = new Map(groups.map(({ issueId }) => [issueId, merges.withMembers(issueId)]));
	const [seen, versions] = await Promise.all([
		issues.seen(scope, [...members.values()].flat()),
		issues.versions(scope),
	]);
	return groups.map((group) => {
		const ids = members.get(group.issueId) ?? [group.issueId];
		const document = state.get(issueKey(scope.project, group.issueId));
		const sights = ids.flatMap((id) => seen.get(id) ?? []);
		return toIssue(group, sights, {
			document,
			merged: ids.length - 1,
			versions: versions.get(JSON.stringify([group.namespace, group.serviceName])) ?? [],
			nowMs: clock(),
		});
	});
}
