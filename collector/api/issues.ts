import { issueAnswer, issuePath, issueRequest, issuesAnswer, issuesRequest } from '../../schema/api-issues.ts';
import type { IssueAnswer, IssuesAnswer } from '../../schema/api-issues.ts';
import type { IssueDocument } from '../analysis/issues/issue-state.ts';
import { stepFor } from '../analysis/step.ts';
import { isLimited } from '../access/principal.ts';
import type { IssueReader, IssueShare } from '../store/issues/issue-types.ts';
import { issueChangeRoute } from './issue-changes.ts';
import { issueHistory } from './issue-history.ts';
import { readInbox } from './issue-inbox.ts';
import { issueMergeRoutes } from './issue-merging.ts';
import { ownerRoute } from './issue-owners.ts';
import { decidedIssues, existingIssue, issueKey, mergesOf, noSuchIssue } from './issue-sources.ts';
import type { IssueSources } from './issue-sources.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { windowScope } from './scope.ts';

const sparklinePoints = 30;
const chartPoints = 60;
const historyLimit = 50;

/** Exceptions and performance issues in one inbox, with what was decided of each. */
export const issueRoutes = (sources: IssueSources): Route[] => [
	listRoute(sources),
	detailRoute(sources),
	issueChangeRoute(sources),
	...issueMergeRoutes(sources),
	ownerRoute(sources),
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
			const inbox = await readInbox(sources, scope, stepMs, query);
			const analysis = isLimited(c) ? nothingAnalysed : sources.analysed();
			return c.json<IssuesAnswer>({ window: scope.window, stepMs, ...inbox, analysis });
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
			const merges = mergesOf(sources, scope.project);
			const group = await existingIssue(sources, scope, { issueId, merges, stepMs });
			const name = { namespace: group.namespace, service: group.serviceName };
			const members = merges.withMembers(group.issueId);
			const key = issueKey(scope.project, group.issueId);
			const [[issue], details, deploys, history] = await Promise.all([
				decidedIssues(sources, scope, { groups: [group], merges }),
				sources.issues.details(scope, members),
				sources.issues.deploys(scope, name),
				sources.state.history(key, historyLimit + 1),
			]);
			if (issue === undefined) throw noSuchIssue(issueId);
			const [sample] = details.messages;
			const decisions = issueHistory(history, historyLimit);
			const decided = history.length <= historyLimit ? 0 : await sources.state.countVersions(key);
			return c.json<IssueAnswer>({
				window: scope.window,
				stepMs,
				issue,
				message: sample?.message ?? '',
				stack: details.messages.find(({ stack }) => stack !== '')?.stack ?? '',
				subject: group.kind === 'exception' ? '' : group.title,
				operations: namedOf(details.operations),
				environments: namedOf(details.environments),
				versions: details.versions.map(({ value, count, firstMs, lastMs }) => ({
					version: value,
					count,
					firstMs,
					lastMs,
				})),
				messages: details.messages.map(({ message, count }) => ({ value: message, count })),
				deploys: deploys.deploys,
				history: decisions,
				merged: membersOf(sources, scope.project, members, details.members),
				...joinPartials(
					...cutsOf(details),
					cutPartial(
						'Of versions of the service the newest are listed',
						deploys.deploys.length,
						deploys.total,
						'versions',
					),
					cutPartial('Of what was decided the newest is listed', decisions.length, decided, 'decisions'),
				),
			});
		},
	});
}

const namedOf = (shares: readonly IssueShare[]): IssueAnswer['operations'] =>
	shares.filter(({ value }) => value !== '').map(({ value, count }) => ({ value, count }));

type Details = Awaited<ReturnType<IssueReader['details']>>;

const cutsOf = ({ of, messages, ...shares }: Details) => [
	cutPartial(LESS_FREQUENT, messages.length, of.messages, 'messages'),
	...(['operations', 'versions', 'environments'] as const).map((what) =>
		cutPartial(LESS_FREQUENT, namedOf(shares[what]).length, of[what], what),
	),
];

const LESS_FREQUENT = 'Those that are less frequent are left out';

/** With what each was called when it was merged: where it did not occur in the window, nothing else tells. */
function membersOf(
	{ state }: IssueSources,
	project: string,
	[, ...members]: readonly string[],
	counted: Details['members'],
): IssueAnswer['merged'] {
	return members.map((issueId) => {
		const { mergedInto } = (state.get(issueKey(project, issueId))?.value ?? {}) as Partial<IssueDocument>;
		const found = counted.find((one) => one.issueId === issueId);
		return { issueId, title: mergedInto?.title ?? issueId, count: found?.count ?? 0, lastMs: found?.lastMs ?? null };
	});
}
