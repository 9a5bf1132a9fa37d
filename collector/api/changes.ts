import { changeBody, changesAnswer, changeSchema, changesRequest, tellRequest } from '../../schema/api-changes.ts';
import type { Change, ChangeBody, ChangesAnswer } from '../../schema/api-changes.ts';
import type { ChangeKind } from '../../schema/change.ts';
import { deploysSeen } from '../analysis/version-sights.ts';
import type { Deploy } from '../analysis/version-sights.ts';
import type { ChangeReader, ToldChange, VersionSight } from '../store/change-reader.ts';
import type { WindowScope } from '../store/reader-types.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope, windowScope } from './scope.ts';

/** A version that was seen within this time is known: what comes after a longer silence counts as new. */
export const lookBackMs: number = 90 * 86_400_000;
const maxChanges = 500;

/** Deploys that were seen and changes that were told, on one line of time. */
export function changeRoutes(changes: ChangeReader, clock: () => number): Route[] {
	return [
		route({
			path: '/changes',
			role: 'viewer',
			summary: 'Deploys, found by new values of service.version, and changes that were told. Newest first',
			query: changesRequest,
			answer: changesAnswer,
			handle: async (c, query) => {
				const scope = windowScope(c, query, clock());
				const all = (await changesIn(changes, scope)).filter(
					({ service, kind }) =>
						(query.kind === undefined || kind === query.kind) &&
						(query.service === undefined || isService(service, query.service)),
				);
				const shown = all.slice(0, maxChanges);
				const cut = { reason: 'the newest changes', seen: shown.length, of: all.length };
				return c.json<ChangesAnswer>({
					window: scope.window,
					changes: shown,
					...(shown.length < all.length ? { partial: cut } : {}),
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

/** Newest first. A deploy that was both seen and told is one: told by whom, seen when. */
export async function changesIn(changes: ChangeReader, scope: WindowScope): Promise<Change[]> {
	const [sights, told] = await Promise.all([
		changes.versions({ ...scope, window: lookBack(scope.window.toMs) }),
		changes.told(scope, maxChanges),
	]);
	const seen = deploysSeen(sights, scope.window);
	const taken = new Set<ToldChange>();
	const deploys = seen.map((deploy) => {
		const matching = told.find((change) => tellsOf(change, deploy));
		if (matching !== undefined) taken.add(matching);
		return fromSight(deploy, matching);
	});
	const others = told.filter((change) => !taken.has(change)).map(fromTold);
	return [...deploys, ...others].sort((a, b) => b.tMs - a.tMs || (a.changeId < b.changeId ? -1 : 1));
}

export const lookBack = (toMs: number): { fromMs: number; toMs: number } => ({
	fromMs: Math.max(0, toMs - lookBackMs),
	toMs,
});

/** A service that was told without a namespace is meant by its name alone. */
function tellsOf(change: ToldChange, { namespace, service, environment, version }: VersionSight): boolean {
	return (
		change.kind === 'deploy' &&
		change.revision === version &&
		change.service === service &&
		(change.namespace === namespace || change.namespace === '') &&
		(change.environment === environment || change.environment === '')
	);
}

export const nameOf = ({ namespace, service }: { namespace: string; service: string }): string =>
	namespace === '' ? service : `${namespace}/${service}`;

const isService = (name: string, asked: string): boolean => name === asked || name.endsWith(`/${asked}`);

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
	const slash = service.lastIndexOf('/');
	return {
		kind,
		tMs,
		namespace: service.slice(0, Math.max(0, slash)),
		service: service.slice(slash + 1),
		environment: env,
		revision,
		title,
		author: author === '' ? by : author,
		url,
	};
}
