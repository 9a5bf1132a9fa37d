import type { Context } from 'hono';
import {
	doneAnswer,
	idPath,
	keyBody,
	keyCreated,
	keyLimitBody,
	keysAnswer,
	noQuery,
} from '../../../schema/api-access.ts';
import type { DoneAnswer, KeyBody, KeyCreated, KeyLimitBody, KeysAnswer } from '../../../schema/api-access.ts';
import type { Access } from '../../access/access.ts';
import type { KeyLimits } from '../../access/ingest-keys.ts';
import { parsePath, route } from '../route.ts';
import type { Route } from '../route.ts';
import { authorOf } from '../scope.ts';

/** Keys of senders, for admins. */
export function ingestKeyRoutes({ keys, projects }: Pick<Access, 'keys' | 'projects'>): Route[] {
	/** What is done to one key and answers nothing. */
	const change = (path: string, summary: string, act: (id: string, author: string) => Promise<void>): Route =>
		route({
			method: 'delete',
			path,
			role: 'admin',
			reach: 'none',
			summary,
			query: noQuery,
			answer: doneAnswer,
			handle: async (c: Context) => {
				await act(parsePath(idPath, c).id, authorOf(c));
				return c.json<DoneAnswer>({ done: true });
			},
		});
	return [
		route({
			path: '/ingest-keys',
			role: 'admin',
			reach: 'none',
			summary: 'Keys by which senders are let in, with their last use',
			query: noQuery,
			answer: keysAnswer,
			handle: async (c) => c.json<KeysAnswer>({ keys: keys.list() }),
		}),
		route({
			method: 'post',
			path: '/ingest-keys',
			role: 'admin',
			reach: 'none',
			summary: 'Make a key; it can send and nothing else. One for browsers counts only with its origins',
			query: noQuery,
			body: keyBody,
			answer: keyCreated,
			handle: async (c, _, { bytesPerMinute, spansPerMinute, ...body }: KeyBody) => {
				projects.checkAll([body.project]);
				const key = { ...body, ...limitsOf({ bytesPerMinute, spansPerMinute }) };
				return c.json<KeyCreated>(await keys.create(key, authorOf(c)));
			},
		}),
		limitRoute(keys),
		route({
			method: 'post',
			path: '/ingest-keys/{id}/rotation',
			role: 'admin',
			reach: 'none',
			summary: 'A second secret of the same key; the first goes on working until the rotation ends',
			query: noQuery,
			answer: keyCreated,
			handle: async (c) => {
				const { id } = parsePath(idPath, c);
				return c.json<KeyCreated>({ id, secret: await keys.rotate(id, authorOf(c)) });
			},
		}),
		change('/ingest-keys/{id}/rotation', 'End a rotation: the older secret works no more', (id, author) =>
			keys.retire(id, author),
		),
		change('/ingest-keys/{id}', 'Revoke a key', (id, author) => keys.revoke(id, author)),
	];
}

const limitRoute = (keys: Access['keys']): Route =>
	route({
		method: 'put',
		path: '/ingest-keys/{id}',
		role: 'admin',
		reach: 'none',
		summary: 'How much may be sent with a key: bytes and spans a minute, null for no limit of its own',
		query: noQuery,
		body: keyLimitBody,
		answer: doneAnswer,
		handle: async (c, _, body: KeyLimitBody) => {
			await keys.setLimits(parsePath(idPath, c).id, limitsOf(body), authorOf(c));
			return c.json<DoneAnswer>({ done: true });
		},
	});

type LimitsOfBody = { [Limit in keyof KeyLimitBody]: KeyLimitBody[Limit] | undefined };
/** Of those that are named: a key is written down without the others. */
const limitsOf = ({ bytesPerMinute = null, spansPerMinute = null }: LimitsOfBody): KeyLimits => ({
	...(bytesPerMinute === null ? {} : { bytesPerMinute }),
	...(spansPerMinute === null ? {} : { spansPerMinute }),
});
