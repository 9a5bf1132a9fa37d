import { issuePath, issueRequest, issuesMerged, mergedAnswer } from '../../schema/api-issues.ts';
import type { IssuesMerged, MergedAnswer } from '../../schema/api-issues.ts';
import type { IssueMerges } from '../analysis/issues/issue-merges.ts';
import { keptOf } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { issueTitle } from '../analysis/issues/issue-title.ts';
import { stepFor } from '../analysis/step.ts';
import { ProblemError } from '../problem.ts';
import type { Edit } from '../state/state-store.ts';
import type { IssueGroup } from '../store/issues/issue-types.ts';
import type { WindowScope } from '../store/reader-types.ts';
import { issueKey, mergesOf, noSuchIssue } from './issue-sources.ts';
import type { IssueSources } from './issue-sources.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, windowScope } from './scope.ts';

const points = 30;
/** Each read names them all. */
const maxMerged = 1_000;

/** Several issues that are one: all that occurs of them counts as of the one that stands for them. */
export const issueMergeRoutes = (sources: IssueSources): Route[] => [mergeRoute(sources), unmergeRoute(sources)];

/**
 * Each merged issue says in its own document what it was merged into, and the other one is written along: of two merges
 * that touch one issue at the same time, one is answered with a conflict, so they can't go in a circle.
 */
function mergeRoute(sources: IssueSources): Route {
	return route({
		method: 'post',
		path: '/issues/{issueId}/merge',
		role: 'editor',
		summary: 'Merge other issues of its service and kind into this one; what was decided of this one holds',
		query: issueRequest,
		body: issuesMerged,
		answer: mergedAnswer,
		handle: async (c, query, { issues }: IssuesMerged) => {
			const scope = windowScope(c, query, sources.clock());
			const { issueId } = parsePath(issuePath, c);
			const merges = mergesOf(sources, scope.project);
			const root = merges.rootOf(issueId);
			const roots = new Set([root, ...issues.map((id) => merges.rootOf(id))]);
			if (merges.size + roots.size - 1 > maxMerged) {
				throw new ProblemError(409, 'TOO_MANY_MERGED', `at most ${maxMerged} issues of a project can be merged`);
			}
			const [target, ...others] = await partsOf(sources, scope, merges, [...roots]);
			if (target === undefined) throw noSuchIssue(issueId);
			for (const other of others) checkAlike(target.group, other.group);
			if (others.length > 0) await sources.state.applyAll(mergeEdits(scope, target, others), authorOf(c));
			return c.json<MergedAnswer>(answerOf(sources, scope, root));
		},
	});
}

function unmergeRoute(sources: IssueSources): Route {
	return route({
		method: 'post',
		path: '/issues/{issueId}/unmerge',
		role: 'editor',
		summary: 'Let merged issues go: each is one of its own again, as it was decided of before',
		query: issueRequest,
		body: issuesMerged,
		answer: mergedAnswer,
		handle: async (c, query, { issues }: IssuesMerged) => {
			const scope = windowScope(c, query, sources.clock());
			const merges = mergesOf(sources, scope.project);
			const root = merges.rootOf(parsePath(issuePath, c).issueId);
			const [, ...members] = merges.withMembers(root);
			const stranger = issues.find((id) => !members.includes(id));
			if (stranger !== undefined) {
				throw new ProblemError(409, 'NOT_MERGED', `issue ${stranger} is not merged into ${root}`);
			}
			await sources.state.applyAll(unmergeEdits(sources, scope.project, root, [...new Set(issues)]), authorOf(c));
			return c.json<MergedAnswer>(answerOf(sources, scope, root));
		},
	});
}

/** An issue that takes part in a merge. */
interface Part {
	group: IssueGroup;
	/** What was decided of it, and in which version. */
	document: IssueDocument | undefined;
	expected: number;
}

async function partsOf(
	sources: IssueSources,
	scope: WindowScope,
	merges: IssueMerges,
	roots: readonly string[],
): Promise<Part[]> {
	// As they are where `merges` was read: what others change while issues are looked up is a conflict.
	const read = roots.map((issueId) => ({ issueId, ...documentOf(sources, scope.project, issueId) }));
	const stepMs = stepFor(scope.window.toMs - scope.window.fromMs, points);
	const { groups } = await sources.issues.issues(scope, stepMs, merges.pairs(), {
		only: merges.allWith(roots),
	});
	return read.map(({ issueId, document, expected }) => {
		const group = groups.find((one) => one.issueId === issueId);
		if (group === undefined) throw noSuchIssue(issueId);
		return { group, document, expected };
	});
}

/** Versions belong to a service, and what is counted to a kind: a sum of different ones would mean nothing. */
function checkAlike(target: IssueGroup, other: IssueGroup): void {
	const placeOf = ({ kind, namespace, serviceName }: IssueGroup): string =>
		JSON.stringify([kind, namespace, serviceName]);
	if (placeOf(target) === placeOf(other)) return;
	throw new ProblemError(
		409,
		'NOT_ALIKE',
		`issue ${other.issueId} is a ${other.kind} of ${other.serviceName}, and ${target.issueId} a ${target.kind} of ${target.serviceName}; those of one kind and service can be merged`,
	);
}

function documentOf({ state }: IssueSources, project: string, issueId: string) {
	const document = state.get(issueKey(project, issueId));
	return { document: document?.value as IssueDocument | undefined, expected: document?.version ?? 0 };
}

const undecided = ({ serviceName, namespace }: IssueGroup): IssueDocument => ({
	service: { service: serviceName, namespace },
	state: 'new',
});

function mergeEdits({ project }: WindowScope, target: Part, others: readonly Part[]): Edit[] {
	const titleOf = ({ group: { kind, title } }: Part): string => issueTitle(kind, title);
	const keptBefore = ({ document, group }: Part): IssueDocument => keptOf(document ?? undecided(group));
	const { issueId } = target.group;
	const into: IssueDocument = { ...keptBefore(target), others: { did: 'merged', titles: others.map(titleOf) } };
	return [
		{ key: issueKey(project, issueId), value: into, expected: target.expected },
		...others.map((other): Edit => {
			const value = { ...keptBefore(other), mergedInto: { issueId, title: titleOf(other) } };
			return { key: issueKey(project, other.group.issueId), value, expected: other.expected };
		}),
	];
}

function unmergeEdits(sources: IssueSources, project: string, root: string, issues: readonly string[]): Edit[] {
	const titles: string[] = [];
	const edits = issues.flatMap((issueId): Edit[] => {
		const { document, expected } = documentOf(sources, project, issueId);
		if (document?.mergedInto === undefined) return [];
		titles.push(document.mergedInto.title);
		const alone = keptOf(document);
		delete alone.mergedInto;
		return [{ key: issueKey(project, issueId), value: alone, expected }];
	});
	const { document, expected } = documentOf(sources, project, root);
	if (document === undefined) return edits;
	const left: IssueDocument = { ...keptOf(document), others: { did: 'unmerged', titles } };
	return [{ key: issueKey(project, root), value: left, expected }, ...edits];
}

function answerOf(sources: IssueSources, { project }: WindowScope, root: string): MergedAnswer {
	const [issueId, ...merged] = mergesOf(sources, project).withMembers(root);
	return { issueId, merged };
}
