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
	const { send, setUp } = await accessWorld(['--login', 'on'], [slow]);
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
	expect((await send('GET', '/slow', undefined, { cookie })).status).toBe(200);
});
