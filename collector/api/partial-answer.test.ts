import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { partial } from '../../schema/api.ts';
import { silentLog } from '../log.ts';
import { missingShards } from '../missing-shards.ts';
import { ProblemError } from '../problem.ts';
import { problemResponse } from './problem-response.ts';
import { mount, route } from './route.ts';

/** As a reader does that had to do without a shard; where it may not, it fails. */
function readWithoutShard(): void {
	const missing = missingShards();
	if (missing === undefined) throw new ProblemError(503, 'SHARD_UNAVAILABLE', 'a shard of the cluster does not answer');
	missing.names.add('shard 2 (b)');
	missing.of = 2;
}

const simple = { role: 'anyone', summary: '', query: z.object({}) } as const;
const canSay = z.object({ rows: z.number(), partial });

const app = new Hono();
app.onError((error, c) => problemResponse(c, error, silentLog));
mount(
	app,
	[
		route({ ...simple, path: '/whole', answer: canSay, handle: async (c) => c.json({ rows: 3 }) }),
		route({
			...simple,
			path: '/partial',
			answer: canSay,
			handle: async (c) => {
				readWithoutShard();
				return c.json({ rows: 2 });
			},
		}),
		route({
			...simple,
			path: '/cut',
			answer: canSay,
			handle: async (c) => {
				readWithoutShard();
				return c.json({ rows: 2, partial: { reason: 'the newest part of the window', seen: 2, of: 5, what: 'hours' } });
			},
		}),
		route({
			...simple,
			path: '/absent',
			answer: canSay,
			handle: async () => {
				readWithoutShard();
				throw new ProblemError(404, 'NOT_FOUND', 'there is no such trace');
			},
		}),
		route({
			...simple,
			path: '/mute',
			answer: z.object({ rows: z.number() }),
			handle: async (c) => {
				readWithoutShard();
				return c.json({ rows: 2 });
			},
		}),
		route({
			...simple,
			method: 'post',
			path: '/partial',
			answer: canSay,
			handle: async (c) => {
				readWithoutShard();
				return c.json({ rows: 2 });
			},
		}),
	],
	() => {},
);

async function ask(path: string, method = 'GET'): Promise<{ status: number; answer: unknown }> {
	const response = await app.request(path, { method });
	return { status: response.status, answer: await response.json() };
}

test('an answer without a shard says which it is, where it has a place for that', async () => {
	expect(await ask('/whole')).toEqual({ status: 200, answer: { rows: 3 } });
	const reason = 'shard 2 (b) of the cluster does not answer; what lies there is missing';
	expect(await ask('/partial')).toEqual({
		status: 200,
		answer: { rows: 2, partial: { reason, seen: 1, of: 2, what: 'shards' } },
	});
});

test('what an answer lacks besides is said, too', async () => {
	const shards = 'shard 2 (b) of the cluster does not answer; what lies there is missing';
	const reason = `${shards}; the newest part of the window (2 of 5 hours)`;
	expect(await ask('/cut')).toEqual({
		status: 200,
		answer: { rows: 2, partial: { reason, seen: 1, of: 2, what: 'shards' } },
	});
});

test('where it has none, and for changes, all shards have to answer', async () => {
	const away = { status: 503, answer: { code: 'SHARD_UNAVAILABLE' } };
	expect(await ask('/mute')).toMatchObject(away);
	expect(await ask('/partial', 'POST')).toMatchObject(away);
});

test('what is not found may lie on the shard that is away', async () => {
	expect(await ask('/absent')).toMatchObject({ status: 503, answer: { code: 'SHARD_UNAVAILABLE' } });
});
