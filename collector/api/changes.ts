import { changeBody, changesAnswer, changeSchema, changesRequest, tellRequest } from '../../schema/api-changes.ts';
import type { Change, ChangeBody, ChangesAnswer } from '../../schema/api-changes.ts';
import type { Partial } from '../../schema/api.ts';
import type { ChangeKind } from '../../schema/change.ts';
import { deploysSeen, nameOf } from '../analysis/version-sights.ts';
import type { Deploy } from '../analysis/version-sights.ts';
import type { ChangeReader, ToldChange, ToldFilter, VersionSight } from '../store/counts/change-reader.ts';
import type { RedReader, WindowScope } from '../store/reader-types.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope, windowScope } from './scope.ts';
import { fromFlag, seenFlags, tellsOfFlag } from './seen-flags.ts';
import type { SeenFlags } from './seen-flags.ts';
import { namesWritten, resolveService } from './service-name.ts';

/** A version that was seen within this time is known: what comes after a longer silence counts as new. */
export const lookBackMs: number = 90 * 86_400_000;
const maxChanges = 500;

/** Deploys and flags that were seen, and changes that were told, on one line of time. */
export function changeRoutes(changes: ChangeReader, red: RedReader, clock: () => number): Route[] {
	return [
		route({
			path: '/changes',
			role: 'viewer',
			summary:
				'Deploys, found by new values of service.version, feature flags whose variants on spans changed, and changes that were told. Newest first',
			query: changesRequest,
			answer: changesAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const filter = {
					...(query.kind === undefined ? {} : { kind: query.kind }),
					...(query.service === undefined ? {} : { service: await resolveService(red, scope, query.service) }),
				};
				const { changes: all, unread, versions, flags } = await readChanges(changes, scope, filter);
				const shown = all.slice(0, maxChanges);
				return c.json<ChangesAnswer>({
					window: scope.window,
					changes: shown,
					...joinPartials(
						cutPartial('the newest changes', shown.length, all.length + unread),
						versionsCut(versions),
						flags.partial,
					),
				});
			},
		}),
		route({
			method: 'post',
			path: '/changes',
			role: 'editor',
			summary: 'Tell of a change. The same told twice is kept once, when it says the time',
			query: tellRequest,
			body: changeBody,
			answer: changeSchema,
			handle: async (c, query, body: ChangeBody) => {
				const told = await changes.tell(readScope(c, query).project, toTold(body, clock(), authorOf(c)));
				return c.json<Change>(fromTold(told));
			},
		}),
	];
}

/** Newest first. What was both seen and told is one: told by whom, seen when. */
export const changesIn = async (changes: ChangeReader, scope: WindowScope, filter?: ToldFilter): Promise<Change[]> =>
	(await readChanges(changes, scope, filter)).changes;

type VersionsRead = Awaited<ReturnType<ChangeReader['versions']>>;

/** A version that is not read is neither a deploy nor one that a deploy took the place of. */
export const versionsCut = ({ versions, total }: VersionsRead): Partial | undefined =>
	cutPartial(
		'deploys are looked for among the versions that were first seen last',
		versions.length,
		total,
		'versions of services',
	);

/** `unread`: how many were told besides, all of them before those that are here. */
async function readChanges(
	changes: ChangeReader,
	scope: WindowScope,
	filter: ToldFilter = {},
): Promise<{ changes: Change[]; unread: number; versions: VersionsRead; flags: SeenFlags }> {
	const isOfDeploys = filter.kind === undefined || filter.kind === 'deploy';
	const isOfFlags = filter.kind === undefined || filter.kind === 'flag';
	const before = lookBack(scope.window.toMs);
	const [versions, flags, { changes: told, total }] = await Promise.all([
		isOfDeploys ? changes.versions({ ...scope, window: before }, filter.service) : { versions: [], total: 0 },
		isOfFlags ? seenFlags(changes, scope, before.fromMs, filter.service) : { changes: [] },
		changes.told(scope, filter),
	]);
	const byRevision = Map.groupBy(told, ({ revision }) => revision);
	const taken = new Set<ToldChange>();
	const take = (revision: string, tells: (change: ToldChange) => boolean): ToldChange | undefined => {
		const matching = byRevision.get(revision)?.find(tells);
		if (matching !== undefined) taken.add(matching);
		return matching;
	};
	const seen = [
		...deploysSeen(versions.versions, scope.window).map((deploy) =>
			fromSight(
				deploy,
				take(deploy.version, (change) => tellsOf(change, deploy)),
			),
		),
		...flags.changes.map((flag) =>
			fromFlag(
				flag,
				take(`${flag.flag}:${flag.variant}`, (change) => !taken.has(change) && tellsOfFlag(change, flag)),
			),
		),
	];
	const others = told.filter((change) => !taken.has(change)).map(fromTold);
	const all = [...seen, ...others].sort((a, b) => b.tMs - a.tMs || (a.changeId < b.changeId ? -1 : 1));
	return { changes: all, unread: total - told.length, versions, flags };
}

export const lookBack = (toMs: number): { fromMs: number; toMs: number } => ({
	fromMs: Math.max(0, toMs - lookBackMs),
	toMs,
});

/** For changes that tell the version. A service that was told without a namespace is meant by its name alone. */
function tellsOf(change: ToldChange, deploy: VersionSight): boolean {
	const { service, environment } = deploy;
	return (
		change.kind === 'deploy' &&
		[nameOf(deploy), service].includes(nameOf(change)) &&
		(change.environment === environment || change.environment === '')
	);
}

export const fromSight = (sight: Deploy<VersionSight>, told?: ToldChange): Change => ({
	changeId: told?.id ?? JSON.stringify([nameOf(sight), sight.environment, sight.version]),
	kind: 'deploy',
	source: 'seen',
	tMs: sight.firstMs,
	service: nameOf(sight),
	environment: sight.environment,
	revision: sight.version,
	previous: sight.previous ?? null,
	title: told?.title ?? '',
	author: told?.author ?? '',
	url: told?.url ?? '',
});

export const fromTold = (told: ToldChange): Change => ({
	changeId: told.id,
	kind: told.kind as ChangeKind,
	source: 'told',
	tMs: told.tMs,
	service: nameOf(told),
	environment: told.environment,
	revision: told.revision,
	previous: null,
	title: told.title,
	author: told.author,
	url: told.url,
});

function toTold(body: ChangeBody, nowMs: number, by: string): Omit<ToldChange, 'id'> {
	const { kind, service = '', env = '', revision = '', title = '', author = '', url = '', tMs = nowMs } = body;
	return {
		kind,
		tMs,
		namespace: '',
		...namesWritten(service),
		environment: env,
		revision,
		title,
		author: author === '' ? by : author,
		url,
	};
}
