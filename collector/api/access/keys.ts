import type { Context } from 'hono';
import { doneAnswer, idPath, keyBody, keyCreated, keysAnswer, noQuery } from '../../../schema/api-access.ts';
import type { DoneAnswer, KeyBody, KeyCreated, KeysAnswer } from '../../../schema/api-access.ts';
import type { IngestKeys } from '../../access/ingest-keys.ts';
import { parsePath, route } from '../route.ts';
import type { Route } from '../route.ts';
import { authorOf } from '../scope.ts';

/** Keys of senders, for admins. */
export function ingestKeyRoutes(keys: IngestKeys): Route[] {
	/** What is done to one key and answers nothing. */
	const change = (path: string, summary: string, act: (id: string, author: string) => Promise<void>): Route =>
		route({
			method: 'delete',
			path,
			role: 'admin',
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
			summary: 'Keys by which senders are let in, with their last use',
			query: noQuery,
			answer: keysAnswer,
			handle: async (c) => c.json<KeysAnswer>({ keys: keys.list() }),
		}),
		route({
			method: 'post',
			path: '/ingest-keys',
			role: 'admin',
			summary: 'Make a key; it can send and nothing else. One for browsers counts only with its origins',
			query: noQuery,
			body: keyBody,
			answer: keyCreated,
			handle: async (c, _, body: KeyBody) => c.json<KeyCreated>(await keys.create(body, authorOf(c))),
		}),
		route({
			method: 'post',
			path: '/ingest-keys/{id}/rotation',
			role: 'admin',
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
