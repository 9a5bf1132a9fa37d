import { issueChange, issuePath, issueRequest, issueSchema } from '../../schema/api-issues.ts';
import type { Issue, IssueChange } from '../../schema/api-issues.ts';
import { BASELINE_MS, HOUR_MS, usualInAnHour } from '../analysis/issues/escalation.ts';
import { keptOf, redecided } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { stepFor } from '../analysis/step.ts';
import { ProblemError } from '../problem.ts';
import type { StateStore } from '../state/state-store.ts';
import type { DocumentKey } from '../state/state-table.ts';
import type { IssueIds } from '../store/issues/issue-types.ts';
import type { ReadScope } from '../store/reader-types.ts';
import { expectedVersion, tellVersion } from './expected-version.ts';
import { checkOwner } from './issue-owners.ts';
import { decidedIssues, existingIssue, issueKey, mergesOf, noSuchIssue } from './issue-sources.ts';
import type { IssueSources } from './issue-sources.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, windowScope } from './scope.ts';

const points = 30;
const historyLimit = 50;
/** Of a change that says no version, when others change the issue at the same time. */
const mostTries = 5;

/** Decides of an issue, or says something of it. */
export function issueChangeRoute(sources: IssueSources): Route {
	return route({
		method: 'patch',
		path: '/issues/{issueId}',
		role: 'editor',
		summary:
			'Acknowledge, resolve, ignore or reopen, give an owner, comment. `If-Match: "stateVersion"` changes that version alone',
		query: issueRequest,
		body: issueChange,
		answer: issueSchema,
		handle: async (c, query, change: IssueChange) => {
			const { issueId } = parsePath(issuePath, c);
			const nowMs = sources.clock();
			const scope = windowScope(c, query, nowMs);
			const stepMs = stepFor(scope.window.toMs - scope.window.fromMs, points);
			checkOwner(sources, scope.project, change.owner);
			const merges = mergesOf(sources, scope.project);
			const group = await existingIssue(sources, scope, { issueId, merges, stepMs });
			const service = { service: group.serviceName, namespace: group.namespace };
			const key = issueKey(scope.project, group.issueId);
			const write = { author: authorOf(c), expected: expectedVersion(c) };
			const escalatesAbove =
				change.untilEscalating && (await usualOf(sources, scope, merges.withMembers(group.issueId)));
			tellVersion(c, await decide(sources.state, key, { change, service, nowMs, escalatesAbove }, write));
			const [issue] = await decidedIssues(sources, scope, { groups: [group], merges });
			if (issue === undefined) throw noSuchIssue(issueId);
			return c.json<Issue>(issue);
		},
	});
}

/** Occurrences in an hour that an issue may have when it is ignored until it escalates. */
async function usualOf(
	{ issues, clock }: IssueSources,
	{ project, signal }: ReadScope,
	ids: IssueIds,
): Promise<number> {
	const nowMs = clock();
	const baseline = { project, window: { fromMs: nowMs - BASELINE_MS, toMs: nowMs }, ...(signal ? { signal } : {}) };
	return usualInAnHour((await issues.issue(baseline, ids, HOUR_MS))?.points ?? []);
}

interface Decision {
	change: IssueChange;
	service: IssueDocument['service'];
	nowMs: number;
	escalatesAbove: number | undefined;
}

interface IssueWrite {
	author: string;
	/** Undefined: whichever is there. */
	expected: number | undefined;
}

/** Resolves with the version that came of it. */
async function decide(state: StateStore, key: DocumentKey, decision: Decision, write: IssueWrite): Promise<number> {
	for (let tries = 1; ; tries += 1) {
		try {
			return await decideOnce(state, key, decision, write);
		} catch (error) {
			const isOvertaken = error instanceof ProblemError && error.code === 'VERSION_CONFLICT';
			if (!isOvertaken || write.expected !== undefined || tries === mostTries) throw error;
		}
	}
}

async function decideOnce(
	state: StateStore,
	key: DocumentKey,
	{ change, service, nowMs, escalatesAbove }: Decision,
	write: IssueWrite,
): Promise<number> {
	const current = state.get(key);
	// What is kept of the version that is there must not be older than it.
	const { author, expected = current?.version ?? 0 } = write;
	const before: IssueDocument = (current?.value as IssueDocument | undefined) ?? { service, state: 'new' };
	if (change.restoreVersion === undefined) {
		return (await state.put(key, changedDocument(before, change, { nowMs, escalatesAbove }), { author, expected }))
			.version;
	}
	if (change.restoreVersion === 0) return (await state.delete(key, { author, expected })) ?? 0;
	const versions = await state.history(key, historyLimit);
	const restored = versions.find(({ version }) => version === change.restoreVersion);
	if (restored?.json === undefined) {
		throw new ProblemError(404, 'NO_SUCH_VERSION', `nothing was decided in version ${change.restoreVersion}`);
	}
	// What it was merged into then is no decision of its own.
	const { mergedInto: _, ...document } = keptOf(JSON.parse(restored.json) as IssueDocument);
	return (await state.put(key, document, { author, expected })).version;
}

function changedDocument(
	before: IssueDocument,
	change: IssueChange,
	{ nowMs, escalatesAbove }: Pick<Decision, 'nowMs' | 'escalatesAbove'>,
): IssueDocument {
	const { state, resolution = 'now', resolvedVersion, ignoredUntilMs, owner, comment } = change;
	const decided =
		state === undefined
			? keptOf(before)
			: redecided(before, {
					state,
					...(state === 'resolved' ? { resolution: resolved(resolution, resolvedVersion, nowMs) } : {}),
					...(ignoredUntilMs === undefined ? {} : { ignoredUntilMs }),
					...(escalatesAbove === undefined ? {} : { escalatesAbove }),
				});
	const document = { ...decided, ...(owner === undefined ? {} : { owner }), ...(comment ? { comment } : {}) };
	if (document.owner === '') delete document.owner;
	return document;
}

const resolved = (
	extent: NonNullable<IssueDocument['resolution']>['in'],
	version: string | undefined,
	atMs: number,
): NonNullable<IssueDocument['resolution']> => ({ in: extent, atMs, ...(version === undefined ? {} : { version }) });
