import { expect, test } from 'vitest';
import { accessWorld } from '../../test/support/access-world.ts';
import { noQuery } from '../../schema/api-access.ts';
import { route } from '../api/route.ts';
import { z } from 'zod';
import { mostWaiting, requestsAtOnce, UserTurns } from './user-turns.ts';

const { signal } = new AbortController();
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('what is beyond the places waits its turn, in order, and others have places of their own', async () => {
	const turns = new UserTurns(() => {});
	const first = await Promise.all(Array.from({ length: requestsAtOnce }, () => turns.take('ann', signal)));
	const begun: number[] = [];
	const later = [1, 2, 3].map(async (number) => {
		const end = await turns.take('ann', signal);
		begun.push(number);
		return end;
	});
	(await turns.take('bob', signal))();
	await settled();
	expect(begun).toEqual([]);
	first[3]?.();
	first[5]?.();
	await settled();
	expect(begun).toEqual([1, 2]);
	(await later[0])?.();
	expect(begun).toEqual([1, 2]);
	(await later[2])?.();
	expect(begun).toEqual([1, 2, 3]);
});

test('one that is given up while it waits leaves the queue, and when too many wait the next is refused and counted', async () => {
	let refused = 0;
	const turns = new UserTurns(() => (refused += 1));
	const [end] = await Promise.all(Array.from({ length: requestsAtOnce }, () => turns.take('ann', signal)));
	const leaving = new AbortController();
	const given = turns.take('ann', leaving.signal);
	const waiting = Array.from({ length: mostWaiting - 1 }, () => turns.take('ann', signal));
	await expect(turns.take('ann', signal)).rejects.toMatchObject({ status: 429 });
	leaving.abort(new Error('the tab was closed'));
	await expect(given).rejects.toThrow('the tab was closed');
	await expect(turns.take('ann', leaving.signal)).rejects.toThrow('the tab was closed');
	const last = turns.take('ann', signal);
	end?.();
	for (const turn of waiting) (await turn)();
	(await last)();
	expect(refused).toBe(1);
});

test('requests of one account, by browser and by token, share its places; those that fail give theirs back', async () => {
	let running = 0;
	let most = 0;
	const slow = route({
		path: '/slow',
		role: 'viewer',
		reach: 'none',
		summary: '',
		query: noQuery,
		answer: z.object({}),
		handle: async (c) => {
			most = Math.max(most, (running += 1));
			await settled();
			running -= 1;
			if (c.req.header('x-fail') !== undefined) throw new Error('it broke');
			return c.json({});
		},
	});
	const { send, setUp, access } = await accessWorld(['--login', 'on'], [slow]);
	const cookie = await setUp();
	const made = await send('POST', '/tokens', { label: 'script', role: 'viewer' }, { cookie });
	const authorization = `Bearer ${String(made.body['secret'])}`;
	const answers = await Promise.all(
		Array.from({ length: 40 }, (_, index) =>
			send('GET', '/slow', undefined, {
				...(index % 2 === 0 ? { cookie } : { authorization }),
				...(index % 5 === 0 ? { 'x-fail': 'yes' } : {}),
			}),
		),
	);
	expect(most).toBe(requestsAtOnce);
	expect(answers.map(({ status }) => status).filter((status) => status !== 200)).toEqual(Array(8).fill(500));
	const asked = requestsAtOnce + mostWaiting + 1;
	const many = await Promise.all(Array.from({ length: asked }, () => send('GET', '/slow', undefined, { cookie })));
	expect(many.map(({ status }) => status).filter((status) => status !== 200)).toEqual([429]);
	expect(access.limits.list()).toContainEqual(expect.objectContaining({ limit: 'concurrency', refused: 1 }));
	expect((await send('GET', '/slow', undefined, { cookie })).status).toBe(200);
});

test('a stream that stays open has no place, so that a page with several of them is answered', async () => {
	const open: ReadableStreamDefaultController[] = [];
	const stream = route({
		path: '/stream',
		role: 'viewer',
		reach: 'none',
		summary: '',
		query: noQuery,
		answer: z.object({}),
		handle: async (c) => c.body(new ReadableStream({ start: (controller) => void open.push(controller) })),
	});
	const { app, send, setUp } = await accessWorld(['--login', 'on'], [stream]);
	const cookie = await setUp();
	const headers = { host: 'localhost:4319', cookie, 'sec-fetch-site': 'same-origin' };
	const streams = await Promise.all(
		Array.from({ length: 2 * requestsAtOnce }, async () => app.request('/stream', { headers })),
	);
	expect(streams.map(({ status }) => status)).toEqual(Array(2 * requestsAtOnce).fill(200));
	expect((await send('GET', '/users', undefined, { cookie })).status).toBe(200);
	for (const controller of open) controller.close();
	expect(await Promise.all(streams.map((answer) => answer.text()))).toEqual(Array(2 * requestsAtOnce).fill(''));
});
