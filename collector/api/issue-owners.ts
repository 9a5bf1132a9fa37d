import { ownersAnswer, ownersRequest } from '../../schema/api-issues.ts';
import type { OwnersAnswer } from '../../schema/api-issues.ts';
import { ISSUE_DOCUMENT } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { ProblemError } from '../problem.ts';
import type { IssueSources } from './issue-sources.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { readScope } from './scope.ts';

type OwnerSources = Pick<IssueSources, 'access' | 'state'>;

/** Who may be said to take care of an issue. */
export const ownerRoute = (sources: OwnerSources): Route =>
	route({
		path: '/owners',
		role: 'editor',
		summary: 'Who can be the owner of an issue: accounts where people log in, else the names that were given so far',
		query: ownersRequest,
		answer: ownersAnswer,
		handle: async (c, query) => c.json<OwnersAnswer>(ownersOf(sources, readScope(c, query).project)),
	});

function ownersOf({ access, state }: OwnerSources, project: string): OwnersAnswer {
	if (access.isLoginNeeded) {
		const readers = access.users.list().filter(({ projects }) => projects === null || projects.includes(project));
		return { owners: readers.map(({ email }) => email), isClosed: true };
	}
	const given = state.list(project, ISSUE_DOCUMENT).flatMap(({ value }) => (value as IssueDocument).owner ?? []);
	return { owners: [...new Set(given)].sort(), isClosed: false };
}

/** Throws NO_SUCH_ACCOUNT where people log in and nobody of that name may read the project. */
export function checkOwner(sources: OwnerSources, project: string, owner: string | undefined): void {
	if (owner === undefined || owner === '') return;
	const { owners, isClosed } = ownersOf(sources, project);
	if (isClosed && !owners.includes(owner)) {
		throw new ProblemError(
			400,
			'NO_SUCH_ACCOUNT',
			`owner is ${JSON.stringify(owner)}: expected the address of an account that may read this project`,
		);
	}
}
