import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { QueryReader } from '../store/database/query-filter.ts';
import type { RedReader } from '../store/reader-types.ts';
import { databaseRoutes } from './database.ts';
import { mount } from './route.ts';

const group = {
	fingerprint: '0123456789abcdef',
	text: 'SELECT 1',
	system: 'postgresql',
	namespace: 'shop',
	calls: 4,
	errors: 0,
	totalNano: 400,
	p50Nano: 100,
	p95Nano: 100,
	p99Nano: 100,
	repeats: { parents: 0, calls: 0, mostCalls: 0, p95Calls: 0 },
};

/** Of twelve parts of the window, repeats are counted in all but so many. */
async function answerOf(
	path: string,
	pendingBuckets: number,
	groups = 1,
	{ counted = {}, ...more }: { counted?: object; isCut?: boolean } = {},
): Promise<Record<string, unknown>> {
	const derived = { buckets: 12, pendingBuckets };
	const queries = {
		list: async () => ({ queries: [group], groups, totalNano: 400, systems: ['postgresql'], ...derived }),
		before: async () => [],
		detail: async () => ({
			group,
			points: [],
			rows: null,
			callers: [],
			callersOf: 0,
			counted: { seen: 4, of: 4, ...counted },
			isCut: false,
			samples: [],
			repeated: [],
			...more,
			derived,
		}),
	} as unknown as QueryReader;
	const app = new Hono();
	mount(
		app,
		databaseRoutes(queries, {} as RedReader, () => 1_700_000_000_000),
		() => {},
	);
	return (await (await app.request(path)).json()) as Record<string, unknown>;
}

test.each(['/db/queries', '/db/queries/0123456789abcdef'])(
	'%s says while repeats are still being counted',
	async (path) => {
		expect(await answerOf(path, 1)).toMatchObject({
			partial: { reason: expect.stringContaining('repeats'), seen: 11, of: 12, what: 'parts of the window' },
		});
		expect(await answerOf(path, 0)).not.toHaveProperty('partial');
	},
);

test('that queries are left out is said before what is still being counted', async () => {
	expect(await answerOf('/db/queries', 1, 4_100)).toMatchObject({ partial: { seen: 1, of: 4_100 } });
});

test('of a query with many calls, what is told of callers is of some traces, and of callers without spans above so too', async () => {
	const path = '/db/queries/0123456789abcdef';
	const counted = { seen: 4, of: 40_000 };
	const some = await answerOf(path, 1, 1, { counted });
	expect(some).toMatchObject({ partial: { reason: expect.stringContaining('a part of the traces'), ...counted } });
	const cut = await answerOf(path, 0, 1, { isCut: true });
	expect(cut).toMatchObject({ partial: { reason: expect.stringContaining('too many spans') } });
});
