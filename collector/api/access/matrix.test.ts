/** Every route of the whole table against every kind of caller: what is not allowed by the table is refused. */
import { expect, test } from 'vitest';
import { USER_ROLES } from '../../../schema/role.ts';
import { accessWorld } from '../../../test/support/access-world.ts';
import { apiRoutes } from '../api.ts';
import type { ApiParts } from '../api.ts';
import type { Route } from '../route.ts';

/** Whatever is asked of it: routes are built, none is handled. */
const anything: unknown = new Proxy(() => anything, { get: () => anything });
const table = apiRoutes(anything as ApiParts);
const routes: Route[] = table.map((route) => ({ ...route, handle: async (c) => c.json({ in: true }) }));
const pathOf = ({ path }: Route): string => `/all${path.replaceAll(/\{\w+\}/g, 'x')}`;

const world = await accessWorld(
	['--login', 'on'],
	routes.map((route) => ({ ...route, path: `/all${route.path}` })),
);
const admin = await world.setUp();
const cookies = {
	viewer: await world.join(admin, 'vic@example.com', 'viewer'),
	editor: await world.join(admin, 'eve@example.com', 'editor'),
	admin,
};
const tokens = Object.fromEntries(
	await Promise.all(
		USER_ROLES.map(async (role) => {
			const made = await world.send('POST', '/tokens', { label: role, role }, { cookie: admin });
			return [role, String(made.body['secret'])] as const;
		}),
	),
);

test('the table has routes for each role, and names for anyone only what happens before a login, and one constant', () => {
	expect(new Set(table.map(({ role }) => role))).toEqual(new Set(['anyone', ...USER_ROLES]));
	const open = table.filter(({ role }) => role === 'anyone').map(({ method, path }) => `${method} ${path}`);
	expect(open.sort()).toEqual([
		'delete /session',
		'get /config/schema.json',
		'get /session',
		'get /session/provider',
		'get /session/provider/callback',
		// Carries a signature of its own.
		'post /config/sources/{name}/webhook',
		'post /invitations/accept',
		'post /invitations/check',
		'post /session',
	]);
});

test('a viewer changes nothing but what is the own', () => {
	const writes = table.filter(({ method, role }) => method !== 'get' && role === 'viewer');
	expect(writes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
		'delete /tokens/{id}',
		// These ask, and have a body because what they ask is long.
		'post /backtest',
		'post /difference',
		'post /series',
		'post /tokens',
		'put /session/password',
	]);
});

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (name, route) => {
	// Requests with tokens that are none are counted by address.
	world.world.address = name;
	const statusFor = async (headers: Record<string, string>): Promise<number> =>
		(await world.send(route.method.toUpperCase(), pathOf(route), undefined, headers)).status;
	const needed = route.role === 'anyone' ? -1 : USER_ROLES.indexOf(route.role);
	expect(await statusFor({})).toBe(needed < 0 ? 200 : 401);
	expect(await statusFor({ cookie: 'spanhouse-plain=made-up' })).toBe(needed < 0 ? 200 : 401);
	expect(await statusFor({ authorization: 'Bearer spt_made-up' })).toBe(needed < 0 ? 200 : 401);
	for (const [index, role] of USER_ROLES.entries()) {
		const expected = index >= needed ? 200 : 403;
		expect(await statusFor({ cookie: cookies[role] }), `logged in as ${role}`).toBe(expected);
		expect(await statusFor({ authorization: `Bearer ${tokens[role]}` }), `token of ${role}`).toBe(expected);
	}
});
