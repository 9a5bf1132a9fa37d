import {
	issueAnswer,
	issueChange,
	issuePath,
	issueRequest,
	issueSchema,
	issuesAnswer,
	issuesRequest,
} from '../../schema/api-issues.ts';
import type { Issue, IssueAnswer, IssueChange, IssuesAnswer } from '../../schema/api-issues.ts';
import { ISSUE_DOCUMENT } from '../analysis/issues/issue-state.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { stepFor } from '../analysis/step.ts';
import { isLimited } from '../access/principal.ts';
import { ProblemError } from '../problem.ts';
import type { StateStore, Write } from '../state/state-store.ts';
import type { DocumentKey } from '../state/state-table.ts';
import type { IssueGroup, IssueReader } from '../store/issue-types.ts';
import type { WindowScope } from '../store/reader-types.ts';
import { expectedVersion, tellVersion } from './expected-version.ts';
import { countStates, decisionOf, filterIssues, toIssue } from './issue-rows.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, windowScope } from './scope.ts';

const sparklinePoints = 30;
const chartPoints = 60;
const historyLimit = 50;

export interface IssueSources {
	issues: IssueReader;
	state: StateStore;
	/** What the search for performance issues has looked at. */
	analysed(): IssuesAnswer['analysis'];
	/** Unix milliseconds. */
	clock: () => number;
}

/** Exceptions and performance issues in one inbox, with what was decided of each. */
export const issueRoutes = (sources: IssueSources): Route[] => [
	listRoute(sources),
	detailRoute(sources),
	changeRoute(sources),
];

function listRoute(sources: IssueSources): Route {
	return route({
		path: '/issues',
		role: 'viewer',
		summary: 'Exceptions and performance issues that occurred in the window, most frequent first',
		query: issuesRequest,
		answer: issuesAnswer,
		handle: async (c, query) => {
			const scope = windowScope(c, query, sources.clock());
			const stepMs = stepFor(scope.window.toMs - scope.window.fromMs, sparklinePoints);
			const { groups, total } = await sources.issues.issues(scope, stepMs);
			const all = await withStates(sources, scope, groups);
			const inAnyState = filterIssues(all, { ...query, state: undefined });
			const issues = filterIssues(inAnyState, query);
			return c.json<IssuesAnswer>({
				window: scope.window,
				stepMs,
				issues,
				states: countStates(inAnyState),
				services: [...new Set(all.map(({ service }) => service))].sort(),
				analysis: isLimited(c) ? nothingAnalysed : sources.analysed(),
				...(groups.length < total
					? { partial: { reason: 'the most frequent only', seen: groups.length, of: total } }
					: {}),
			});
		},
	});
}

/** For who may not know how much other projects have. */
const nothingAnalysed: IssuesAnswer['analysis'] = { tracesAnalysed: 0, tracesSkipped: 0, tracesWaiting: 0 };

function detailRoute(sources: IssueSources): Route {
	return route({
		path: '/issues/{issueId}',
		role: 'viewer',
		summary: 'One issue: samples, variants, operations, versions and the history of its state',
		query: issueRequest,
		answer: issueAnswer,
		handle: async (c, query) => {
			const { issueId } = parsePath(issuePath, c);
			const scope = windowScope(c, query, sources.clock());
			const stepMs = stepFor(scope.window.toMs - scope.window.fromMs, chartPoints);
			const group = await existing(sources, scope, issueId, stepMs);
			const name = { namespace: group.namespace, service: group.serviceName };
			const key = { project: scope.project, kind: ISSUE_DOCUMENT, name: issueId };
			const [[issue], details, deploys, history] = await Promise.all([
				withStates(sources, scope, [group]),
				sources.issues.details(scope, issueId),
				sources.issues.deploys(scope, name),
				sources.state.history(key, historyLimit),
			]);
			if (issue === undefined) throw noSuchIssue(issueId);
			const [sample] = details.messages;
			return c.json<IssueAnswer>({
				window: scope.window,
				stepMs,
				issue,
				message: sample?.message ?? '',
				stack: details.messages.find(({ stack }) => stack !== '')?.stack ?? '',
				subject: group.kind === 'exception' ? '' : group.title,
				operations: details.operations.filter(({ value }) => value !== ''),
				environments: details.environments.filter(({ value }) => value !== ''),
				versions: details.versions.map(({ value, count, firstMs, lastMs }) => ({
					version: value,
					count,
					firstMs,
					lastMs,
				})),
				messages: details.messages.map(({ message, count }) => ({ value: message, count })),
				deploys,
				history: history.flatMap(decisionOf),
			});
		},
	});
}

function changeRoute(sources: IssueSources): Route {
	return route({
		method: 'patch',
		path: '/issues/{issueId}',
		role: 'editor',
		summary: 'Acknowledge, resolve, ignore or reopen. `If-Match: "stateVersion"` changes that state alone',
		query: issueRequest,
		body: issueChange,
		answer: issueSchema,
		handle: async (c, query, change: IssueChange) => {
			const { issueId } = parsePath(issuePath, c);
			const nowMs = sources.clock();
			const scope = windowScope(c, query, nowMs);
			const stepMs = stepFor(scope.window.toMs - scope.window.fromMs, sparklinePoints);
			const group = await existing(sources, scope, issueId, stepMs);
			const service = { service: group.serviceName, namespace: group.namespace };
			const key = { project: scope.project, kind: ISSUE_DOCUMENT, name: issueId };
			const write = { author: authorOf(c), expected: expectedVersion(c) };
			tellVersion(c, await decide(sources.state, key, { change, service, nowMs }, write));
			const [issue] = await withStates(sources, scope, [group]);
			if (issue === undefined) throw noSuchIssue(issueId);
			return c.json<Issue>(issue);
		},
	});
}

async function existing(
	{ issues }: IssueSources,
	scope: WindowScope,
	issueId: string,
	stepMs: number,
): Promise<IssueGroup> {
	const group = await issues.issue(scope, issueId, stepMs);
	if (group === undefined) throw noSuchIssue(issueId);
	return group;
}

const noSuchIssue = (issueId: string): ProblemError =>
	new ProblemError(404, 'NO_SUCH_ISSUE', `issue ${issueId} did not occur in this window; a wider one may have it`);

/** Adds when each was first and last seen, and its state. */
async function withStates(
	{ issues, state, clock }: IssueSources,
	scope: WindowScope,
	groups: readonly IssueGroup[],
): Promise<Issue[]> {
	if (groups.length === 0) return [];
	const seen = await issues.seen(
		scope,
		groups.map(({ issueId }) => issueId),
	);
	return groups.map((group) => {
		const document = state.get({ project: scope.project, kind: ISSUE_DOCUMENT, name: group.issueId });
		return toIssue(group, seen.get(group.issueId) ?? [], document, clock());
	});
}

interface Decision {
	change: IssueChange;
	service: IssueDocument['service'];
	nowMs: number;
}

/** Resolves with the version that came of it. */
async function decide(
	state: StateStore,
	key: DocumentKey,
	{ change, service, nowMs }: Decision,
	write: Write,
): Promise<number> {
	if (change.restoreVersion === undefined) {
		return (await state.put(key, toDocument(change, service, nowMs), write)).version;
	}
	if (change.restoreVersion === 0) return (await state.delete(key, write)) ?? 0;
	const versions = await state.history(key, historyLimit);
	const restored = versions.find(({ version }) => version === change.restoreVersion);
	if (restored?.json === undefined) {
		throw new ProblemError(404, 'NO_SUCH_VERSION', `nothing was decided in version ${change.restoreVersion}`);
	}
	return (await state.put(key, JSON.parse(restored.json), write)).version;
}

function toDocument(change: IssueChange, service: IssueDocument['service'], nowMs: number): IssueDocument {
	const { state = 'new', resolution = 'now', resolvedVersion, ignoredUntilMs, comment } = change;
	const resolved = {
		in: resolution,
		atMs: nowMs,
		...(resolvedVersion === undefined ? {} : { version: resolvedVersion }),
	};
	return {
		service,
		state,
		...(state === 'resolved' ? { resolution: resolved } : {}),
		...(state === 'ignored' && ignoredUntilMs !== undefined ? { ignoredUntilMs } : {}),
		...(comment === undefined ? {} : { comment }),
	};
}
