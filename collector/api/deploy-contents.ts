/** What came with a deploy and what went: issues, database queries, and what the service depends on. */
import type { DeployContents } from '../../schema/api-changes.ts';
import type { Partial, TimeWindow } from '../../schema/api.ts';
import { dependencyChanges, WINDOWS } from '../analysis/dependency-changes.ts';
import { issueTitle } from '../analysis/issues/issue-title.ts';
import type { StateStore } from '../state/state-store.ts';
import type { ChangeReader, VersionSight } from '../store/counts/change-reader.ts';
import type { QueryReader } from '../store/database/query-filter.ts';
import type { IssueReader } from '../store/issues/issue-types.ts';
import type { ReadScope } from '../store/reader-types.ts';
import type { ServiceCallsReader } from '../store/map/calls-of-service.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { versionsCut } from './changes.ts';
import { mergesOf } from './issue-sources.ts';
import { pendingPartial } from './pending-partial.ts';

export interface ContentSources {
	changes: ChangeReader;
	issues: IssueReader;
	state: StateStore;
	queries: QueryReader;
	serviceCalls: ServiceCallsReader;
}

type Listed<Entry> = { list: Entry[]; partial?: Partial };

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** What a version calls while it starts and before it answers for the first time came with it. */
const beforeFirstMs = 5 * minuteMs;
const maxIssues = 50;
const maxDependencies = 100;

const floorMinute = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;

/** The first of a list; says how many there are where it is cut. */
export function firstOf<Entry>(all: readonly Entry[], most: number, reason: string, of = all.length): Listed<Entry> {
	const list = all.slice(0, most);
	return { list, ...joinPartials(cutPartial(reason, list.length, of)) };
}

/** With what else it lacks. */
const lacking = <Entry>({ list, partial }: Listed<Entry>, more: Partial | undefined): Listed<Entry> => ({
	list,
	...joinPartials(more, partial),
});

export async function deployContents(
	sources: ContentSources,
	scope: ReadScope,
	deploy: VersionSight,
	after: TimeWindow,
): Promise<DeployContents> {
	const sinceMs = floorMinute(deploy.firstMs - beforeFirstMs);
	const earlier = { fromMs: sinceMs - dayMs, toMs: sinceMs };
	const since = { ...scope, environment: deploy.environment, window: { fromMs: sinceMs, toMs: after.toMs } };
	const service = { service: deploy.service, namespace: deploy.namespace };
	const [newIssues, queries, dependencies] = await Promise.all([
		issuesOf(sources, since, deploy),
		sources.queries.newSince(since, { service }, earlier),
		dependenciesOf(sources, since, deploy, after),
	]);
	const mostTime = 'those that take most time';
	return {
		earlier,
		newIssues,
		newQueries: firstOf(queries.queries, queries.queries.length, mostTime, queries.total),
		...dependencies,
	};
}

type Since = ReadScope & { environment: string; window: TimeWindow };

/** An issue is new with a version where no other was seen with it before; when versions alternate, that one may be late. */
async function issuesOf(
	{ issues, state }: ContentSources,
	scope: Since,
	deploy: VersionSight,
): Promise<DeployContents['newIssues']> {
	const merges = mergesOf({ state }, scope.project);
	const { groups, total } = await issues.ofVersion(scope, deploy, deploy.version, merges.pairs());
	if (groups.length === 0) return { list: [] };
	const members = new Map(groups.map(({ issueId }) => [issueId, merges.withMembers(issueId)]));
	const seen = await issues.seen(scope, [...members.values()].flat());
	const found = groups.flatMap(({ issueId, kind, type, title, culprit, count, firstMs }) => {
		const sights = (members.get(issueId) ?? []).flatMap((id) => seen.get(id) ?? []);
		const isKnown = sights.some((sight) => sight.version !== deploy.version && sight.firstMs < deploy.firstMs);
		if (isKnown) return [];
		const firstSeenMs = Math.min(firstMs, ...sights.map((sight) => sight.firstMs));
		const words = { type, title: issueTitle(kind, title), culprit: issueTitle(kind, culprit) };
		return [{ issueId, kind, ...words, count, firstSeenMs }];
	});
	if (groups.length === total) return firstOf(found, maxIssues, 'the most frequent');
	const partial = { reason: 'new ones among the most frequent of the version', seen: groups.length, of: total };
	return { list: found.slice(0, maxIssues), partial };
}

async function dependenciesOf(
	{ changes, serviceCalls }: ContentSources,
	scope: Since,
	deploy: VersionSight,
	after: TimeWindow,
): Promise<Pick<DeployContents, 'newDependencies' | 'goneDependencies'>> {
	const service = { service: deploy.service, namespace: deploy.namespace };
	const whole = { fromMs: scope.window.fromMs, toMs: Math.ceil(after.toMs / minuteMs) * minuteMs };
	const [answering, countedToMs, services] = await Promise.all([
		changes.versions({ ...scope, window: after }, service),
		serviceCalls.countedTo({ ...scope, window: whole }),
		serviceCalls.services({ ...scope, window: after }),
	]);
	const others = answering.versions.filter(({ version }) => version !== deploy.version).map(({ lastMs }) => lastMs);
	// The minute in which another one answered last, and the one in which it may have ended what it began.
	const lateFromMs = floorMinute(Math.max(deploy.firstMs, ...others)) + 2 * minuteMs;
	const lateToMs = Math.max(lateFromMs, Math.min(countedToMs, floorMinute(after.toMs)));
	const sinceMs = whole.fromMs;
	const windows: TimeWindow[] = [];
	windows[WINDOWS.earlier] = { fromMs: sinceMs - dayMs, toMs: sinceMs };
	windows[WINDOWS.since] = whole;
	windows[WINDOWS.left] = { fromMs: sinceMs - (lateToMs - lateFromMs), toMs: sinceMs };
	windows[WINDOWS.late] = { fromMs: lateFromMs, toMs: lateToMs };
	const all = { ...scope, window: { fromMs: sinceMs - dayMs, toMs: Math.max(whole.toMs, lateToMs) } };
	const read = await serviceCalls.calls(all, service, windows);
	const { added, gone } = dependencyChanges(read.calls, services.names);
	const pending = pendingPartial(read, 'spans that have just come are not all counted yet');
	const cut = cutPartial('of the most called alone', read.calls.length, read.edges);
	const named = cutPartial('of known services the first by name', services.names.length, services.total, 'services');
	const { partial } = joinPartials(cut, named, versionsCut(answering), pending.partial);
	const mostCalled = 'the most called';
	return {
		newDependencies: lacking(firstOf(added, maxDependencies, mostCalled), partial),
		// What is not counted yet may be a call of it.
		goneDependencies: lacking(firstOf(read.pendingBuckets > 0 ? [] : gone, maxDependencies, mostCalled), partial),
	};
}
