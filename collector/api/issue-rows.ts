import { ISSUE_STATES } from '../../schema/issue.ts';
import type { Issue, issuesRequest } from '../../schema/api-issues.ts';
import type { IssueState } from '../../schema/issue.ts';
import type { z } from 'zod';
import { cameWith } from '../analysis/issues/came-with.ts';
import { stateAt } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { issueTitle } from '../analysis/issues/issue-title.ts';
import type { StateDocument } from '../state/state-store.ts';
import type { IssueGroup, SeenIssue } from '../store/issues/issue-types.ts';
import type { ServiceName } from '../store/reader-types.ts';

interface Surroundings {
	document: StateDocument | undefined;
	/** How many others it stands for. */
	merged: number;
	/** Of its service, newest first. */
	versions: readonly { version: string; firstSeenMs: number }[];
	nowMs: number;
}

export function toIssue(
	{ namespace, serviceName, firstMs, lastMs, ...group }: IssueGroup,
	seen: readonly SeenIssue[],
	{ document, merged, versions, nowMs }: Surroundings,
): Issue {
	const decided = document?.value as IssueDocument | undefined;
	return {
		...group,
		title: issueTitle(group.kind, group.title),
		culprit: issueTitle(group.kind, group.culprit),
		service: namespace === '' ? serviceName : `${namespace}/${serviceName}`,
		firstSeenMs: Math.min(firstMs, ...seen.map((version) => version.firstMs)),
		lastSeenMs: Math.max(lastMs, ...seen.map((version) => version.lastMs)),
		state: stateAt(decided, nowMs),
		stateVersion: document?.version ?? 0,
		owner: decided?.owner ?? '',
		merged,
		cameWith:
			cameWith(
				seen.map(({ version }) => version),
				versions,
			) ?? null,
	};
}

type Requested = Pick<z.infer<typeof issuesRequest>, 'kind' | 'state' | 'owner' | 'q'>;

export interface IssueFilter extends Requested {
	service: ServiceName | undefined;
}

export function filterIssues(issues: readonly Issue[], { kind, state, service, owner, q }: IssueFilter): Issue[] {
	const text = q.trim().toLowerCase();
	return issues.filter(
		(issue) =>
			isOfKind(issue, kind) &&
			(state === undefined || isInState(issue.state, state)) &&
			(service === undefined || isOfService(issue, service)) &&
			(owner === undefined || isOwner(issue.owner, owner)) &&
			(text === '' || textOf(issue).includes(text)),
	);
}

const isOfKind = (issue: Issue, kind: Requested['kind']): boolean =>
	kind === undefined || (kind === 'performance' ? issue.kind !== 'exception' : issue.kind === kind);

/** Without a namespace: in whichever it is. */
const isOfService = (issue: Issue, { namespace, service }: ServiceName): boolean =>
	issue.service === (namespace ? `${namespace}/${service}` : service) ||
	(namespace === undefined && issue.service.endsWith(`/${service}`));

/** Those that somebody should look at. */
const isOpen = (state: IssueState): boolean => state !== 'resolved' && state !== 'ignored';

export const isInState = (state: IssueState, asked: NonNullable<Requested['state']>): boolean =>
	asked === 'open' ? isOpen(state) : state === asked;

/** `-` asks for those that nobody takes care of. */
export const isOwner = (owner: string | undefined, asked: string): boolean =>
	(owner ?? '') === (asked === '-' ? '' : asked);

const textOf = ({ title, type, culprit, service, operation, owner }: Issue): string =>
	[title, type, culprit, service, operation, owner].join('\n').toLowerCase();

export function countStates(issues: readonly Issue[]): Record<IssueState, number> {
	const counts = Object.fromEntries(ISSUE_STATES.map((state) => [state, 0])) as Record<IssueState, number>;
	for (const { state } of issues) counts[state] += 1;
	return counts;
}
