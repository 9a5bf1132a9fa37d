import type { Context } from 'hono';
import type { z } from 'zod';
import {
	firingDetail,
	firingPath,
	firingsAnswer,
	firingsRequest,
	noteBody,
	postMortemAnswer,
	projectRequest,
} from '../../schema/api-alerts.ts';
import type { FiringDetail, FiringsAnswer } from '../../schema/api-alerts.ts';
import type { Alerting } from '../alerting/alerting.ts';
import { deliveryEvents } from '../alerting/notify/notify-status.ts';
import type { NotifySources } from '../alerting/notify/open-notify.ts';
import { postMortem } from '../alerting/post-mortem.ts';
import { keyOf } from '../alerting/watched.ts';
import { ProblemError } from '../problem.ts';
import { parsePath, route } from './route.ts';
import type { Route } from './route.ts';
import { authorOf, readScope, windowScope } from './scope.ts';

type Body = z.infer<typeof noteBody>;

/** What fired, with what was found then, and what people do about it. */
export function firingRoutes(alerting: Alerting, notify: Pick<NotifySources, 'outbox'>, clock: () => number): Route[] {
	const detail = async (c: Context, query: z.infer<typeof projectRequest>): Promise<FiringDetail> => {
		const { firingId } = parsePath(firingPath, c);
		const { project } = readScope(c, query);
		const found = await alerting.firing(project, firingId);
		if (found === undefined) throw new ProblemError(404, 'NO_FIRING', `there is no firing ${firingId}`);
		const timeline = [...found.timeline, ...deliveryEvents(notify, project, firingId)];
		return { ...found, timeline: timeline.sort((a, b) => a.tMs - b.tMs) };
	};
	const noting = (kind: 'acknowledged' | 'note', path: string, summary: string): Route =>
		route({
			method: 'post',
			path,
			role: 'editor',
			summary,
			query: projectRequest,
			body: noteBody,
			answer: firingDetail,
			handle: async (c, query, { text }: Body) => {
				const { firingId } = parsePath(firingPath, c);
				await alerting.note(readScope(c, query).project, firingId, { kind, text, author: authorOf(c) });
				return c.json<FiringDetail>(await detail(c, query));
			},
		});
	return [
		firingsRoute(alerting, clock),
		route({
			path: '/firings/{firingId}',
			role: 'viewer',
			summary: 'One firing: what was different, what changed before, traces, timeline',
			query: projectRequest,
			answer: firingDetail,
			handle: async (c, query) => c.json<FiringDetail>(await detail(c, query)),
		}),
		noting('acknowledged', '/firings/{firingId}/ack', 'Say that somebody looks after a firing'),
		noting('note', '/firings/{firingId}/notes', 'Add a note to a firing'),
		route({
			path: '/firings/{firingId}/post-mortem',
			role: 'viewer',
			summary: 'The draft of a post-mortem, in Markdown',
			query: projectRequest,
			answer: postMortemAnswer,
			handle: async (c, query) =>
				c.json<z.infer<typeof postMortemAnswer>>({ markdown: postMortem(await detail(c, query)) }),
		}),
	];
}

const firingsRoute = (alerting: Alerting, clock: () => number): Route =>
	route({
		path: '/firings',
		role: 'viewer',
		summary: 'What fired and fires, by default over the last 7 days. Newest first',
		query: firingsRequest,
		answer: firingsAnswer,
		handle: async (c, query) => {
			const { from = 'now-7d', alert, service, state, limit } = query;
			const { project, window } = windowScope(c, { ...query, from }, clock());
			const rules = alert === undefined ? [undefined] : [keyOf('Alert', alert), keyOf('SLO', alert)];
			const found = await Promise.all(
				rules.map((rule) =>
					alerting.firings(project, {
						...window,
						limit,
						...(rule === undefined ? {} : { rule }),
						...(service === undefined ? {} : { service }),
						...(state === undefined ? {} : { state }),
					}),
				),
			);
			return c.json<FiringsAnswer>({ firings: found.flat().sort((a, b) => b.startedMs - a.startedMs) });
		},
	});
