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
	services: ['cart'],
	servicesOf: 1,
	repeats: { parents: 0, calls: 0, mostCalls: 0, p95Calls: 0 },
};

interface Counts {
	counted?: object;
	isCut?: boolean;
	systemsOf?: number;
	servicesOf?: number;
}

/** Of twelve parts of the window, repeats are counted in all but so many. */
async function answerOf(
	path: string,
	pendingBuckets: number,
	groups = 1,
	{ counted = {}, systemsOf = 1, servicesOf = 1, ...more }: Counts = {},
): Promise<Record<string, unknown>> {
	const derived = { buckets: 12, pendingBuckets };
	const queries = {
		list: async () => ({
			queries: [{ ...group, servicesOf }],
			groups,
			totalNano: 400,
			systems: ['postgresql'],
			systemsOf,
			...derived,
		}),
		before: async () => [],
		detail: async () => ({
			group: { ...group, servicesOf },
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
	const { partial } = await answerOf('/db/queries', 1, 4_100);
	expect(partial).toMatchObject({ seen: 1, of: 4_100, reason: expect.stringContaining('11 of 12 parts') });
});

test('so is that there are more systems, or services of a query, than are listed', async () => {
	expect(await answerOf('/db/queries', 0, 1, { systemsOf: 130, servicesOf: 101 })).toMatchObject({
		partial: { seen: 1, of: 130, what: 'database systems', reason: expect.stringContaining('1 of 101 services') },
	});
	expect(await answerOf('/db/queries/0123456789abcdef', 0, 1, { servicesOf: 101 })).toMatchObject({
		partial: { seen: 1, of: 101, what: 'services' },
	});
});

test('of a query with many calls, what is told of callers is of some traces, and of callers without spans above so too', async () => {
	const path = '/db/queries/0123456789abcdef';
	const counted = { seen: 4, of: 40_000 };
	const some = await answerOf(path, 1, 1, { counted });
	expect(some).toMatchObject({ partial: { reason: expect.stringContaining('a part of the traces'), ...counted } });
	const cut = await answerOf(path, 0, 1, { isCut: true });
	expect(cut).toMatchObject({ partial: { reason: expect.stringContaining('too many spans') } });
});
