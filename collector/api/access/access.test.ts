import { expect, test } from 'vitest';
import { accessWorld, PASSWORD } from '../../../test/support/access-world.ts';
import { EVALUATOR_KIND } from '../../alerting/evaluator-turn.ts';

const hourMs = 3_600_000;
const login = { email: 'ann@example.com', password: PASSWORD };

test('the link of the first start makes one admin, once; without a login there is none', async () => {
	const { access, send, setUp } = await accessWorld();
	const url = access.setupUrl() ?? '';
	expect(url).toMatch(/^http:\/\/localhost:4319\/login\?invitation=/);
	expect((await send('GET', '/session')).body).toMatchObject({ login: 'needed', hasAccounts: false, user: null });
	const cookie = await setUp();
	expect(access.setupUrl()).toBeUndefined();
	const again = {
		invitation: new URL(url).searchParams.get('invitation'),
		email: 'eve@example.com',
		password: PASSWORD,
	};
	expect(await send('POST', '/invitations/accept', again)).toMatchObject({ status: 403 });
	expect((await send('GET', '/session', undefined, { cookie })).body).toMatchObject({
		login: 'done',
		user: { name: 'ann@example.com', role: 'admin' },
	});
	const open = await accessWorld([]);
	expect(open.access.setupUrl()).toBeUndefined();
	expect((await open.send('GET', '/users')).status).toBe(200);
	expect((await open.send('POST', '/session', login)).body).toMatchObject({ code: 'LOGIN_OFF' });
});

test('a login gives a new session each time, ends the one before, and keeps neither secret nor password', async () => {
	const { send, setUp, table } = await accessWorld();
	await setUp();
	const first = await send('POST', '/session', { ...login, email: 'Ann@Example.com' });
	expect(first).toMatchObject({ status: 200, body: { done: true } });
	expect(first.setCookie).toMatch(/^spanhouse-plain=\S{40,}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
	// As after a fixation: the cookie from before the login is worth nothing afterwards.
	const second = await send('POST', '/session', login, { cookie: first.cookie });
	expect(second.cookie).not.toBe(first.cookie);
	expect((await send('GET', '/users', undefined, { cookie: first.cookie })).status).toBe(401);
	expect((await send('GET', '/users', undefined, { cookie: second.cookie })).status).toBe(200);
	const kept = JSON.stringify(table.rows);
	expect(kept).not.toContain(PASSWORD);
	expect(kept).not.toContain(second.cookie?.split('=')[1]);
	await send('DELETE', '/session', undefined, { cookie: second.cookie });
	expect((await send('GET', '/users', undefined, { cookie: second.cookie })).status).toBe(401);
});

test('behind https the cookie is for this host alone, and a password never travels in the open', async () => {
	const secure = await accessWorld(['--login', 'on', '--public-url', 'https://spans.example.com']);
	await secure.setUp();
	const { setCookie, cookie } = await secure.send('POST', '/session', login);
	expect(setCookie).toMatch(/^__Host-spanhouse=[^;]+; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
	expect((await secure.send('GET', '/users', undefined, { cookie })).status).toBe(200);
	expect((await secure.app.request('/session')).headers.get('strict-transport-security')).toBe('max-age=31536000');
	const plain = await accessWorld(['--host', '0.0.0.0']);
	await plain.setUp();
	expect(await plain.send('POST', '/session', login, { host: '10.0.0.9:4319' })).toMatchObject({
		status: 403,
		body: { code: 'INSECURE_LOGIN' },
	});
});

test('a session ends 12 hours after its last use, and 7 days after the login, across a restart too', async () => {
	const { world, send, setUp, open } = await accessWorld();
	const cookie = await setUp();
	const status = async () => (await send('GET', '/users', undefined, { cookie })).status;
	for (let hours = 0; hours < 7 * 24 - 11; hours += 11) {
		expect(await status(), `after ${hours} h`).toBe(200);
		world.nowMs += 11 * hourMs;
	}
	world.nowMs += 11 * hourMs;
	expect(await status()).toBe(401);

	const again = (await send('POST', '/session', login)).cookie ?? '';
	world.nowMs += 11 * hourMs;
	expect((await send('GET', '/users', undefined, { cookie: again })).status).toBe(200);
	await new Promise((resolve) => setImmediate(resolve));
	world.nowMs += 11 * hourMs;
	expect(open().sessions.find(again.split('=')[1] ?? '')).toMatchObject({ user: 'ann@example.com' });
	world.nowMs += 2 * hourMs;
	expect(open().sessions.find(again.split('=')[1] ?? '')).toBeUndefined();
});

test('guessing: five wrong passwords in a minute, then the right one has to wait too, others do not', async () => {
	const { world, send, setUp, join } = await accessWorld();
	const admin = await setUp();
	await join(admin, 'bob@example.com', 'viewer');
	const guesses = await Promise.all(
		Array.from({ length: 8 }, () => send('POST', '/session', { ...login, password: 'wrong' })),
	);
	expect(guesses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
		401, 401, 401, 401, 401, 429, 429, 429,
	]);
	expect(await send('POST', '/session', login)).toMatchObject({ status: 429, retryAfter: '60' });
	expect((await send('POST', '/session', { ...login, email: 'bob@example.com' })).status).toBe(200);
	world.nowMs += 61_000;
	expect((await send('POST', '/session', login)).status).toBe(200);
	// An account that is none answers alike.
	const nobody = await send('POST', '/session', { email: 'no@example.com', password: 'wrong' });
	expect(nobody.body).toEqual(guesses.find(({ status }) => status === 401)?.body);
});

test('changes come from own pages alone: a page elsewhere is refused whatever it sends', async () => {
	const { send, setUp } = await accessWorld();
	const cookie = await setUp();
	const body = { label: 'x', role: 'viewer' };
	const statusOf = async (headers: Record<string, string>) => (await send('POST', '/tokens', body, headers)).status;
	expect(await statusOf({ cookie, 'sec-fetch-site': 'cross-site' })).toBe(403);
	expect(await statusOf({ cookie, 'sec-fetch-site': 'same-site' })).toBe(403);
	expect(await statusOf({ cookie, 'sec-fetch-site': 'same-origin' })).toBe(200);
	const other = await accessWorld([]);
	const rawStatus = async (headers: Record<string, string>) =>
		(await other.send('DELETE', '/session', undefined, headers)).status;
	expect(await rawStatus({ origin: 'https://evil.example' })).toBe(403);
	expect(await rawStatus({ origin: 'null' })).toBe(403);
	expect(await rawStatus({ origin: 'http://localhost:4319' })).toBe(200);
	expect(await rawStatus({})).toBe(200);
});

test('a role that was changed and an account that was removed count from the next request on', async () => {
	const { send, setUp, join } = await accessWorld();
	const admin = await setUp();
	const bob = await join(admin, 'bob@example.com', 'admin');
	const token = await send('POST', '/tokens', { label: 'script', role: 'admin' }, { cookie: bob });
	const authorization = `Bearer ${String(token.body['secret'])}`;
	const users = async (headers: Record<string, string>) => (await send('GET', '/users', undefined, headers)).status;
	expect([await users({ cookie: bob }), await users({ authorization })]).toEqual([200, 200]);
	await send('PUT', '/users/bob@example.com', { role: 'viewer' }, { cookie: admin });
	expect([await users({ cookie: bob }), await users({ authorization })]).toEqual([403, 403]);
	await send('DELETE', '/users/bob@example.com', undefined, { cookie: admin });
	expect([await users({ cookie: bob }), await users({ authorization })]).toEqual([401, 401]);
	expect(await send('DELETE', '/users/ann@example.com', undefined, { cookie: admin })).toMatchObject({
		status: 409,
		body: { code: 'LAST_ADMIN' },
	});
});

test('tokens: at most the own role, the own ones alone, over when they are', async () => {
	const { world, send, setUp, join } = await accessWorld();
	const admin = await setUp();
	const vic = await join(admin, 'vic@example.com', 'viewer');
	const eve = await join(admin, 'eve@example.com', 'editor');
	const make = (cookie: string, role: string) => send('POST', '/tokens', { label: 'a', role, days: 1 }, { cookie });
	expect(await make(vic, 'editor')).toMatchObject({ status: 403, body: { code: 'ROLE_MISSING' } });
	const made = (await make(vic, 'viewer')).body as { secret: string; token: { id: string } };
	expect(made.secret).toMatch(/^spt_/);
	const remove = (cookie: string) => send('DELETE', `/tokens/${made.token.id}`, undefined, { cookie });
	expect((await remove(eve)).status).toBe(404);
	expect((await send('GET', '/tokens', undefined, { cookie: eve })).body).toEqual({ tokens: [] });
	const authorization = `Bearer ${made.secret}`;
	expect((await send('GET', '/tokens', undefined, { authorization })).status).toBe(200);
	expect(await send('POST', '/tokens', { label: 'b', role: 'viewer' }, { authorization })).toMatchObject({
		body: { code: 'NOT_A_PERSON' },
	});
	world.nowMs += 24 * hourMs;
	expect((await send('GET', '/tokens', undefined, { authorization })).body).toMatchObject({ code: 'BAD_TOKEN' });
	const another = (await make((await send('POST', '/session', login)).cookie ?? '', 'admin')).body;
	expect(another).toMatchObject({ token: { owner: 'ann@example.com' } });
	const fresh = (await send('POST', '/session', login)).cookie ?? '';
	expect((await remove(fresh)).status).toBe(200);
});

test('an ingest key sends and reads nothing; rotated, both secrets count until the older is retired; revoked, none', async () => {
	const { world, access, send, setUp } = await accessWorld(['--login', 'on', '--ingest-auth', 'keys']);
	const cookie = await setUp();
	const sender = (secret: string | undefined, origin?: string) => () =>
		access.ingest.senderOf({
			project: undefined,
			authorization: secret === undefined ? undefined : `Bearer ${secret}`,
			key: undefined,
			origin,
		});
	const made = (await send('POST', '/ingest-keys', { label: 'shop', type: 'server' }, { cookie })).body;
	const { id, secret } = made as { id: string; secret: string };
	expect(secret).toMatch(/^sph_/);
	expect(sender(secret)).not.toThrow();
	expect((await send('GET', '/users', undefined, { authorization: `Bearer ${secret}` })).status).toBe(401);
	expect(sender(undefined)).toThrow(/no ingest key: send the header `authorization: Bearer sph_/);
	expect(sender(`${secret.slice(0, -1)}!`)).toThrow(/ends in .{3}! is not an ingest key, or was cut/);

	world.nowMs += 1_000;
	const rotated = String((await send('POST', `/ingest-keys/${id}/rotation`, undefined, { cookie })).body['secret']);
	expect(sender(secret)).not.toThrow();
	expect(sender(rotated)).not.toThrow();
	expect((await send('POST', `/ingest-keys/${id}/rotation`, undefined, { cookie })).status).toBe(409);
	await send('DELETE', `/ingest-keys/${id}/rotation`, undefined, { cookie });
	const last4 = secret.slice(-4).replaceAll(/[^\w]/g, '\\$&');
	expect(sender(secret)).toThrow(new RegExp(`the key that ends in ${last4} was revoked`));
	expect(sender(rotated)).not.toThrow();
	const listed = (await send('GET', '/ingest-keys', undefined, { cookie })).body['keys'] as object[];
	expect(listed).toMatchObject([{ label: 'shop', lastUsedMs: world.nowMs, secrets: [{ last4: rotated.slice(-4) }] }]);
	await send('DELETE', `/ingest-keys/${id}`, undefined, { cookie });
	expect(sender(rotated)).toThrow(/was revoked/);

	const shop = 'https://shop.example';
	const wrong = { label: 'web', type: 'browser', origins: ['https://shop.example/cart'] };
	expect((await send('POST', '/ingest-keys', wrong, { cookie })).status).toBe(400);
	expect((await send('POST', '/ingest-keys', { label: 'web', type: 'browser' }, { cookie })).status).toBe(400);
	const web = await send('POST', '/ingest-keys', { label: 'web', type: 'browser', origins: [shop] }, { cookie });
	const pageKey = String(web.body['secret']);
	expect(access.keys.origins()).toEqual([shop]);
	expect(sender(pageKey, shop)).not.toThrow();
	expect(sender(pageKey, 'https://evil.example')).toThrow(
		/is for pages of https:\/\/shop\.example; this one is of https:\/\/evil/,
	);
	expect(sender(pageKey)).toThrow(/no origin/);
});

test('pending invitations are listed without their secrets, take the place of each other, end and are withdrawn', async () => {
	const { world, send, setUp, join, table, access } = await accessWorld();
	const cookie = await setUp();
	const bob = await join(cookie, 'bob@example.com', 'editor');
	const invite = async (email: string, role: string) => {
		const { body } = await send('POST', '/invitations', { email, role }, { cookie });
		return new URL(String(body['url'])).searchParams.get('invitation') ?? '';
	};
	const accept = async (invitation: string) =>
		(await send('POST', '/invitations/accept', { invitation, password: PASSWORD })).status;
	const listed = async () => (await send('GET', '/invitations', undefined, { cookie })).body['invitations'];
	expect(await listed()).toEqual([]);

	const first = await invite('Vic@example.com', 'viewer');
	world.nowMs += hourMs;
	const second = await invite('vic@example.com', 'editor');
	await invite('bob@example.com', 'viewer');
	const pending = {
		author: 'ann@example.com',
		projects: null,
		role: 'editor',
		createdMs: world.nowMs,
		expiresMs: world.nowMs + 7 * 86_400_000,
	};
	expect(await listed()).toEqual([
		{ ...pending, email: 'bob@example.com', isNew: false },
		{ ...pending, email: 'vic@example.com', isNew: true },
	]);
	for (const secret of [first, second]) expect(JSON.stringify(table.rows)).not.toContain(secret);
	expect(await accept(first)).toBe(403);
	for (const path of ['/invitations', '/invitations/vic@example.com']) {
		const method = path === '/invitations' ? 'GET' : 'DELETE';
		expect((await send(method, path, undefined, { cookie: bob })).status).toBe(403);
	}

	expect((await send('DELETE', '/invitations/VIC@example.com', undefined, { cookie })).status).toBe(200);
	expect(await accept(second)).toBe(403);
	expect(await send('DELETE', '/invitations/vic@example.com', undefined, { cookie })).toMatchObject({
		status: 404,
		body: { code: 'NO_SUCH_INVITATION' },
	});
	expect(access.users.invitations()).toHaveLength(1);
	world.nowMs += 7 * 24 * hourMs;
	expect(access.users.invitations()).toEqual([]);
});

test('links count among the thousand accounts that there may be; for those that are there it makes no difference', async () => {
	const { send, setUp, access } = await accessWorld();
	const cookie = await setUp();
	const grant = { role: 'viewer', projects: undefined } as const;
	for (let index = 1; index < 1_000; index += 1) await access.users.invite(`p${index}@example.com`, grant, 'ann');
	const invite = async (email: string) => {
		const { status, body } = await send('POST', '/invitations', { email, role: 'viewer' }, { cookie });
		return [status, body['code']];
	};
	expect(await invite('one-more@example.com')).toEqual([409, 'TOO_MANY_USERS']);
	expect(await invite('p1@example.com')).toEqual([200, undefined]);
	expect(await invite('ann@example.com')).toEqual([200, undefined]);
});

test('a link for a new password gives back neither a role that was taken nor an account that was removed', async () => {
	const { send, setUp, join, access } = await accessWorld();
	const cookie = await setUp();
	await join(cookie, 'bob@example.com', 'editor');
	const invite = async () => {
		const { body } = await send('POST', '/invitations', { email: 'bob@example.com', role: 'editor' }, { cookie });
		return new URL(String(body['url'])).searchParams.get('invitation') ?? '';
	};
	const accept = async (invitation: string) =>
		(await send('POST', '/invitations/accept', { invitation, password: PASSWORD })).status;
	const link = await invite();
	await send('PUT', '/users/bob@example.com', { role: 'viewer' }, { cookie });
	expect(await accept(link)).toBe(200);
	expect(access.users.roleOf('bob@example.com')).toBe('viewer');
	const other = await invite();
	await send('DELETE', '/users/bob@example.com', undefined, { cookie });
	expect(await accept(other)).toBe(403);
	expect(access.users.roleOf('bob@example.com')).toBeUndefined();
});

test('the audit names who did what and who logged in, and shows no secret', async () => {
	const { world, send, setUp, join, access, state } = await accessWorld();
	const admin = await setUp();
	// What the program notes for itself is nobody's deed.
	access.projects.noteSpans('default');
	await state.put({ project: 'default', kind: EVALUATOR_KIND, name: 'epoch' }, {}, { author: 'evaluator' });
	await expect.poll(() => access.projects.list()[0]?.hasData).toBe(true);
	world.nowMs += 1_000;
	await join(admin, 'bob@example.com', 'viewer');
	world.nowMs += 1_000;
	await send('POST', '/session', { ...login, password: 'wrong' });
	await send('POST', '/ingest-keys', { label: 'shop', type: 'server' }, { cookie: admin });
	const audit = await send('GET', '/audit', undefined, { cookie: admin });
	const entries = audit.body['entries'] as { kind: string; name: string; author: string; action: string }[];
	expect(entries.map(({ kind, name, author, action }) => [kind, author, action, kind === 'user' ? name : ''])).toEqual([
		['ingest-key', 'ann@example.com', 'created', ''],
		['ingest-secret', 'ann@example.com', 'created', ''],
		['login', 'somebody', 'changed', ''],
		['login', 'bob@example.com', 'created', ''],
		['user', 'bob@example.com', 'created', 'bob@example.com'],
		['invitation', 'bob@example.com', 'deleted', ''],
		['invitation', 'ann@example.com', 'created', ''],
		['login', 'ann@example.com', 'created', ''],
		['user', 'ann@example.com', 'created', 'ann@example.com'],
	]);
	expect(entries[2]).toMatchObject({ details: { outcome: 'failed', method: 'password', address: '10.0.0.7' } });
	expect(JSON.stringify(entries)).not.toMatch(/argon2|password":"\$/);
	const older = await send('GET', `/audit?before=${world.nowMs}&limit=1`, undefined, { cookie: admin });
	expect(older.body).toMatchObject({ entries: [{ name: 'bob@example.com' }], nextBefore: world.nowMs - 1_000 });
	const override = { environment: 'prod', intent: 'release', reason: 'ann agrees', reasons: [] };
	await state.put({ project: 'default', kind: 'gate.override', name: 'shop/checkout' }, override, { author: 'ci' });
	const { body } = await send('GET', '/audit?limit=1', undefined, { cookie: admin });
	expect(body['entries']).toMatchObject([
		{ author: 'ci', name: 'shop/checkout', details: { environment: 'prod', intent: 'release', reason: 'ann agrees' } },
	]);
	const noted = { document: {}, note: 'Tried on the last 7d: would not have fired' };
	await state.put({ project: 'default', kind: 'config.Alert', name: 'slow' }, noted, { author: 'ann' });
	expect((await send('GET', '/audit?limit=1', undefined, { cookie: admin })).body['entries']).toContainEqual(
		expect.objectContaining({ author: 'ann', name: 'slow', details: { note: noted.note } }),
	);
	const decided = { state: 'resolved', owner: 'bo', comment: 'fixed', service: { service: 'a', namespace: '' } };
	await state.put({ project: 'default', kind: 'issue', name: '0f' }, decided, { author: 'ann' });
	expect((await send('GET', '/audit?limit=1', undefined, { cookie: admin })).body['entries']).toContainEqual(
		expect.objectContaining({ name: '0f', details: { state: 'resolved', owner: 'bo', comment: 'fixed' } }),
	);
});
