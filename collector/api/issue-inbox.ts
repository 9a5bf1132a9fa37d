import type { Partial } from '../../schema/api.ts';
import type { Issue, IssuesAnswer, issuesRequest } from '../../schema/api-issues.ts';
import type { IssueMerges } from '../analysis/issues/issue-merges.ts';
import { ISSUE_DOCUMENT, stateAt } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import type { IssuePick } from '../store/issues/issue-types.ts';
import type { WindowScope } from '../store/reader-types.ts';
import type { z } from 'zod';
import { countStates, filterIssues, isInState, isOwner } from './issue-rows.ts';
import type { IssueFilter } from './issue-rows.ts';
import { decidedIssues, mergesOf } from './issue-sources.ts';
import type { IssueSources } from './issue-sources.ts';
import { resolveService } from './service-name.ts';

type Inbox = Pick<IssuesAnswer, 'issues' | 'states' | 'services' | 'owners' | 'partial'>;

interface Asked {
	sources: IssueSources;
	scope: WindowScope;
	stepMs: number;
	merges: IssueMerges;
}

/**
 * The issues of the window that are asked for. What a list has room for is read first, as choices are of all; where there are
 * more, those that are asked for are read by themselves.
 */
export async function readInbox(
	sources: IssueSources,
	scope: WindowScope,
	stepMs: number,
	query: z.infer<typeof issuesRequest>,
): Promise<Inbox> {
	const asked: Asked = { sources, scope, stepMs, merges: mergesOf(sources, scope.project) };
	const inTrace = query.trace === undefined ? undefined : await sources.issues.ofTrace(scope, query.trace);
	const only: IssuePick = inTrace === undefined ? {} : { only: asked.merges.allWith(inTrace.issueIds) };
	const [all, service] = await Promise.all([
		readIssues(asked, only),
		query.service === undefined ? undefined : resolveService(sources.red, scope, query.service),
	]);
	const filter: IssueFilter = { ...query, service };
	const others = { ...filter, state: undefined };
	const inAnyState = await narrowed(asked, all, { ...only, ...pickOf(asked, others) });
	const chosen =
		query.state === undefined ? inAnyState : await narrowed(asked, inAnyState, { ...only, ...pickOf(asked, filter) });
	const { cut, ...choices } = await choicesOf(asked, all, inTrace !== undefined);
	return {
		issues: filterIssues(chosen.issues, filter),
		states: countStates(filterIssues(inAnyState.issues, others)),
		...choices,
		...joinPartials(
			cutPartial(MOST_FREQUENT, chosen.issues.length, chosen.total),
			chosen === inAnyState
				? undefined
				: cutPartial(MOST_FREQUENT, inAnyState.issues.length, inAnyState.total, 'issues in the numbers by state'),
			inTrace && cutPartial('some of those of the trace', inTrace.issueIds.length, inTrace.total),
			versionsCut(chosen.issues),
			cut,
		),
	};
}

function versionsCut(issues: readonly Issue[]): Partial | undefined {
	const cut = issues.filter(({ versions, versionsOf }) => versions.length < versionsOf);
	const sum = (countOf: (issue: Issue) => number) => cut.reduce((total, issue) => total + countOf(issue), 0);
	const [seen, of] = [sum(({ versions }) => versions.length), sum(({ versionsOf }) => versionsOf)];
	return cutPartial('Of issues with many versions some are listed', seen, of, 'versions');
}

const MOST_FREQUENT = 'the most frequent only';

type Issues = Pick<IssuesAnswer, 'issues'> & { total: number };

async function readIssues({ sources, scope, stepMs, merges }: Asked, pick: IssuePick): Promise<Issues> {
	const { groups, total } = await sources.issues.issues(scope, stepMs, merges.pairs(), pick);
	return { issues: await decidedIssues(sources, scope, { groups, merges }), total };
}

/** Where not all of the wider ones were read. */
const narrowed = async (asked: Asked, wider: Issues, pick: IssuePick): Promise<Issues> =>
	wider.issues.length < wider.total && Object.keys(pick).some((key) => key !== 'only')
		? readIssues(asked, pick)
		: wider;

/** So many ids are bound at most: of more decisions the store is not told, and the most frequent issues are searched. */
const maxDecided = 5_000;

function pickOf({ sources, scope, merges }: Asked, filter: IssueFilter): IssuePick {
	const { kind, service, state, owner } = filter;
	const text = filter.q.trim();
	const decided = sources.state
		.list(scope.project, ISSUE_DOCUMENT)
		.map(({ name, value }) => ({ name, value: value as IssueDocument }))
		.filter(({ name }) => merges.rootOf(name) === name);
	const idsOf = (holds: (document: IssueDocument) => boolean): string[] =>
		decided.filter(({ value }) => holds(value)).map(({ name }) => name);
	/** Of an issue of which nothing was decided it holds, or not. */
	const among = (ofNone: boolean, holds: (document: IssueDocument) => boolean) =>
		ofNone ? { issues: idsOf((document) => !holds(document)), isIn: false } : { issues: idsOf(holds), isIn: true };
	const nowMs = sources.clock();
	const picks = [
		...(state === undefined
			? []
			: [among(isInState('new', state), (document) => isInState(stateAt(document, nowMs), state))]),
		...(owner === undefined ? [] : [among(isOwner('', owner), (document) => isOwner(document.owner, owner))]),
	].filter(({ issues }) => issues.length <= maxDecided);
	const orIssues = idsOf(({ owner: name = '' }) => name.toLowerCase().includes(text.toLowerCase())).slice(
		0,
		maxDecided,
	);
	return {
		...(kind === undefined ? {} : { kind }),
		...(service === undefined ? {} : { service }),
		...(text === '' ? {} : { text: { has: text, orIssues } }),
		...(picks.length === 0 ? {} : { decided: picks }),
	};
}

/** Services and owners of all issues of the window, or of the trace, also of those that the list has no room for. */
async function choicesOf(
	{ sources, scope, merges }: Asked,
	{ issues, total }: Issues,
	isOfTrace: boolean,
): Promise<Pick<Inbox, 'services' | 'owners'> & { cut?: Partial | undefined }> {
	if (isOfTrace || issues.length >= total) {
		return {
			services: sorted(issues.map(({ service }) => service)),
			owners: sorted(issues.flatMap(({ owner }) => owner || [])),
		};
	}
	const owned = sources.state.list(scope.project, ISSUE_DOCUMENT).flatMap(({ name, value }) => {
		const { owner = '' } = value as IssueDocument;
		return owner === '' || merges.rootOf(name) !== name
			? []
			: merges.withMembers(name).map((id) => [id, owner] as const);
	});
	const ownerOf = new Map(owned);
	const [first, ...rest] = ownerOf.keys();
	const [services, occurred] = await Promise.all([
		sources.issues.services(scope),
		first === undefined ? [] : sources.issues.occurrences(scope, [first, ...rest]),
	]);
	return {
		services: services.names,
		cut: cutPartial('the first by name to choose from', services.names.length, services.total, 'services'),
		owners: sorted(occurred.flatMap(({ issueId }) => ownerOf.get(issueId) ?? [])),
	};
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();
