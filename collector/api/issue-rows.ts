import { ISSUE_STATES } from '../../schema/issue.ts';
import type { Issue, IssueDecision, issuesRequest } from '../../schema/api-issues.ts';
import type { IssueState } from '../../schema/issue.ts';
import type { z } from 'zod';
import { stateAt } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { issueTitle } from '../analysis/issues/issue-title.ts';
import type { StateDocument } from '../state/state-store.ts';
import type { DocumentVersion } from '../state/state-table.ts';
import type { IssueGroup, SeenIssue } from '../store/issue-types.ts';

export function toIssue(
	{ namespace, serviceName, firstMs, lastMs, ...group }: IssueGroup,
	seen: readonly SeenIssue[],
	document: StateDocument | undefined,
	nowMs: number,
): Issue {
	return {
		...group,
		title: issueTitle(group.kind, group.title),
		culprit: issueTitle(group.kind, group.culprit),
		service: namespace === '' ? serviceName : `${namespace}/${serviceName}`,
		firstSeenMs: Math.min(firstMs, ...seen.map((version) => version.firstMs)),
		lastSeenMs: Math.max(lastMs, ...seen.map((version) => version.lastMs)),
		state: stateAt(document?.value as IssueDocument | undefined, nowMs),
		stateVersion: document?.version ?? 0,
	};
}

type Filter = Pick<z.infer<typeof issuesRequest>, 'kind' | 'state' | 'service' | 'q'>;

export function filterIssues(issues: readonly Issue[], { kind, state, service, q }: Filter): Issue[] {
	const text = q.trim().toLowerCase();
	return issues.filter(
		(issue) =>
			isOfKind(issue, kind) &&
			isInState(issue, state) &&
			(service === undefined || issue.service === service) &&
			(text === '' || textOf(issue).includes(text)),
	);
}

const isOfKind = (issue: Issue, kind: Filter['kind']): boolean =>
	kind === undefined || (kind === 'performance' ? issue.kind !== 'exception' : issue.kind === kind);

/** Those that somebody should look at. */
const isOpen = (state: IssueState): boolean => state === 'new' || state === 'regressed' || state === 'ongoing';

const isInState = (issue: Issue, state: Filter['state']): boolean =>
	state === undefined || (state === 'open' ? isOpen(issue.state) : issue.state === state);

const textOf = ({ title, type, culprit, service, operation }: Issue): string =>
	[title, type, culprit, service, operation].join('\n').toLowerCase();

export function countStates(issues: readonly Issue[]): Record<IssueState, number> {
	const counts = Object.fromEntries(ISSUE_STATES.map((state) => [state, 0])) as Record<IssueState, number>;
	for (const { state } of issues) counts[state] += 1;
	return counts;
}

/** A deletion is no decision. */
export function decisionOf({ json, version, author, timeMs }: DocumentVersion): IssueDecision[] {
	if (json === undefined) return [];
	const { state, comment = '', resolution, ignoredUntilMs } = JSON.parse(json) as IssueDocument;
	return [
		{
			state,
			version,
			author,
			changedMs: timeMs,
			comment,
			...(resolution === undefined ? {} : { resolution: resolution.in }),
			...(resolution?.version === undefined ? {} : { resolvedVersion: resolution.version }),
			...(ignoredUntilMs === undefined ? {} : { ignoredUntilMs }),
		},
	];
}
