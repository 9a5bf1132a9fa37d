import { Metadata, status } from '@grpc/grpc-js';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { accessWorld } from '../../../test/support/access-world.ts';
import { bodyOf, closeWorlds, post, world as receivers } from '../../../test/support/otlp-http-world.ts';
import type { ProblemError } from '../../problem.ts';
import { grpcStatus } from '../../receiver/grpc-status.ts';
import { route } from '../route.ts';
import { readScope } from '../scope.ts';

afterAll(closeWorlds);

const anyAnswer = z.record(z.string(), z.unknown());
/** Says which project it would read. */
const echo = route({
	path: '/echo',
	role: 'viewer',
	summary: '',
	query: z.object({ project: z.string().optional() }),
	answer: anyAnswer,
	handle: async (c, query) => c.json({ project: readScope(c, query).project }),
});
const whole = route({ ...echo, path: '/whole', reach: 'process', answer: anyAnswer, handle: async (c) => c.json({}) });

const withKeys = ['--login', 'on', '--ingest-auth', 'keys'];

async function shopAndBank(args = ['--login', 'on']) {
	const world = await accessWorld(args, [echo, whole]);
	const admin = args.length === 0 ? '' : await world.setUp();
	const asAdmin = { cookie: admin === '' ? undefined : admin };
	for (const name of ['shop', 'bank'])
		await world.send('POST', '/projects', { name, title: name.toUpperCase() }, asAdmin);
	const read = async (project: string, headers: Record<string, string | undefined>) => {
		const { status, body } = await world.send(
			'GET',
			`/echo${project === '' ? '' : `?project=${project}`}`,
			undefined,
			headers,
		);
		return status === 200 ? body['project'] : body['code'];
	};
	return { ...world, admin, asAdmin, read };
}

test('who is limited to projects reads those, and of others not even whether they are', async () => {
	const { send, asAdmin, admin, join, read } = await shopAndBank();
	const vic = { cookie: await join(admin, 'vic@example.com', 'editor') };
	expect(await read('bank', vic)).toBe('bank');
	await send('PUT', '/users/vic@example.com', { role: 'editor', projects: ['shop'] }, asAdmin);
	expect(await Promise.all(['', 'shop', 'bank', 'nowhere', 'default'].map((name) => read(name, vic)))).toEqual([
		'shop',
		'shop',
		'NO_SUCH_PROJECT',
		'NO_SUCH_PROJECT',
		'NO_SUCH_PROJECT',
	]);
	const seen = [
		await send('GET', '/echo?project=bank', undefined, vic),
		await send('GET', '/echo?project=bonk', undefined, vic),
	];
	expect(String(seen[0]?.body['detail']).replace('bank', 'bonk')).toBe(seen[1]?.body['detail']);
	expect((await send('GET', '/projects', undefined, vic)).body).toMatchObject({
		projects: [{ name: 'shop' }],
		home: 'shop',
	});
	expect(await send('GET', '/whole', undefined, vic)).toMatchObject({ status: 403, body: { code: 'ALL_PROJECTS' } });
	expect((await send('GET', '/whole', undefined, asAdmin)).status).toBe(200);
	expect((await send('GET', '/session', undefined, vic)).body).toMatchObject({ user: { projects: ['shop'] } });
});

test('an admin is so in all projects, by hand and by token; a project that is none is refused', async () => {
	const { send, asAdmin, admin, join, read } = await shopAndBank();
	await join(admin, 'eve@example.com', 'viewer');
	const limited = { role: 'admin', projects: ['shop'] };
	expect(await send('PUT', '/users/eve@example.com', limited, asAdmin)).toMatchObject({
		body: { code: 'ADMIN_OF_ALL' },
	});
	expect(await send('PUT', '/users/eve@example.com', { role: 'viewer', projects: ['shed'] }, asAdmin)).toMatchObject({
		status: 404,
	});
	const adminToken = await send('POST', '/tokens', { label: 'a', ...limited }, asAdmin);
	expect(adminToken.body).toMatchObject({ code: 'ADMIN_OF_ALL' });
	const made = await send('POST', '/tokens', { label: 'a', role: 'viewer', projects: ['bank'] }, asAdmin);
	const authorization = `Bearer ${String(made.body['secret'])}`;
	expect([await read('', { authorization }), await read('shop', { authorization })]).toEqual([
		'bank',
		'NO_SUCH_PROJECT',
	]);
});

test('a token is limited with its owner, from the next request on', async () => {
	const { send, asAdmin, admin, join, read } = await shopAndBank();
	const vic = { cookie: await join(admin, 'vic@example.com', 'viewer') };
	const both = await send('POST', '/tokens', { label: 'both', role: 'viewer', projects: ['shop', 'bank'] }, vic);
	const authorization = `Bearer ${String(both.body['secret'])}`;
	expect(await read('bank', { authorization })).toBe('bank');
	await send('PUT', '/users/vic@example.com', { role: 'viewer', projects: ['shop'] }, asAdmin);
	expect([await read('shop', { authorization }), await read('bank', { authorization })]).toEqual([
		'shop',
		'NO_SUCH_PROJECT',
	]);
	const more = await send('POST', '/tokens', { label: 'more', role: 'viewer', projects: ['bank'] }, vic);
	expect(more).toMatchObject({ status: 404, body: { code: 'NO_SUCH_PROJECT' } });
});

test('an invitation promises projects; the link for a new password keeps them', async () => {
	const { send, asAdmin, read, app } = await shopAndBank();
	expect(app).toBeDefined();
	const accept = async () => {
		const invited = await send(
			'POST',
			'/invitations',
			{ email: 'new@example.com', role: 'viewer', projects: ['bank'] },
			asAdmin,
		);
		const invitation = new URL(String(invited.body['url'])).searchParams.get('invitation');
		return (await send('POST', '/invitations/accept', { invitation, password: 'correct horse battery' })).cookie;
	};
	expect(await read('', { cookie: await accept() })).toBe('bank');
	await send('PUT', '/users/new@example.com', { role: 'viewer', projects: ['shop'] }, asAdmin);
	expect(await read('', { cookie: await accept() })).toBe('shop');
});

test('data goes where its key says, by every protocol, and a header that says another project is refused', async () => {
	const { access, app, send, asAdmin } = await shopAndBank(withKeys);
	expect(app).toBeDefined();
	const made = await send('POST', '/ingest-keys', { label: 'k', type: 'server', project: 'bank' }, asAdmin);
	const key = String(made.body['secret']);
	const of = (project: string | undefined, secret: string | undefined = key) =>
		access.ingest.senderOf({ key: secret, project, authorization: undefined, origin: undefined }).project;
	expect([of(undefined), of('bank')]).toEqual(['bank', 'bank']);
	expect(() => of('shop')).toThrow(/belongs to the project bank, and x-spanhouse-project says "shop"/);
	const metadata = new Metadata();
	metadata.set('authorization', `Bearer ${key}`);
	expect(access.grpcSender(metadata).project).toBe('bank');
	metadata.set('x-spanhouse-project', 'shop');
	expect(() => access.grpcSender(metadata)).toThrow(/belongs to the project bank/);
	expect(await send('POST', '/ingest-keys', { label: 'k', type: 'server', project: 'shed' }, asAdmin)).toMatchObject({
		status: 404,
	});
});

test('keys of a setting belong to the project before the colon', async () => {
	const secrets = { SPANHOUSE_INGEST_KEYS: `shop:${'s'.repeat(24)},${'d'.repeat(24)}` };
	const { access, send, setUp } = await accessWorld(withKeys, [], secrets);
	const cookie = await setUp();
	const of = (key: string) =>
		access.ingest.senderOf({ key, project: undefined, authorization: undefined, origin: undefined }).project;
	expect(() => of('s'.repeat(24))).toThrow(/there is no project "shop" to send to/);
	await send('POST', '/projects', { name: 'shop', title: 'Shop' }, { cookie });
	expect([of('s'.repeat(24)), of('d'.repeat(24))]).toEqual(['shop', 'default']);
});

test('without keys a header names the project, which has to be there; that of the demo comes by itself', async () => {
	const { access, send } = await shopAndBank([]);
	const of = (project: string | undefined) =>
		access.ingest.senderOf({ key: undefined, project, authorization: undefined, origin: undefined }).project;
	expect([of(undefined), of('bank'), of('demo')]).toEqual(['default', 'bank', 'demo']);
	expect(() => of('shed')).toThrow(/there is no project "shed" to send to/);
	await expect
		.poll(async () => (await send('GET', '/projects')).body)
		.toMatchObject({ projects: [{ name: 'default' }, { name: 'bank' }, { name: 'demo' }, { name: 'shop' }] });
});

test('without project= one reads the default project, unless another one alone has data', async () => {
	const { access, read } = await shopAndBank([]);
	expect(await read('', {})).toBe('default');
	access.projects.noteSpans('bank');
	expect(await read('', {})).toBe('bank');
	access.projects.noteSpans('shop');
	expect(await read('', {})).toBe('default');
});

test('what two collectors see of projects adds up', async () => {
	const { access, open } = await shopAndBank([]);
	const beside = open();
	access.projects.noteSpans('bank');
	beside.projects.noteSpans('shop');
	const withData = () =>
		open()
			.projects.list()
			.filter(({ hasData }) => hasData);
	await expect.poll(() => withData().map(({ name }) => name)).toEqual(['bank', 'shop']);
});

test('a project is made, renamed and dropped; a dropped one is closed at once, with its keys', async () => {
	const { send, read, access, dropped, open } = await shopAndBank([]);
	expect(await send('POST', '/projects', { name: 'shop', title: 'Again' })).toMatchObject({ status: 409 });
	for (const name of ['Shop', '-a', 'a'.repeat(64), 'a b']) {
		expect(await send('POST', '/projects', { name, title: 'x' }), name).toMatchObject({ status: 400 });
	}
	await send('PUT', '/projects/shop', { title: 'The shop' });
	const key = await send('POST', '/ingest-keys', { label: 'k', type: 'server', project: 'shop' });
	expect(await send('DELETE', '/projects/shop?confirm=bank')).toMatchObject({ body: { code: 'NOT_CONFIRMED' } });
	expect(await read('shop', {})).toBe('shop');
	expect((await send('DELETE', '/projects/shop?confirm=shop')).status).toBe(200);
	expect(dropped).toEqual(['shop']);
	expect(await read('shop', {})).toBe('NO_SUCH_PROJECT');
	expect(access.keys.find(String(key.body['secret']))).toBeUndefined();
	expect((await send('GET', '/projects')).body).toMatchObject({
		projects: [
			{ name: 'default' },
			{ name: 'bank' },
			{ name: 'shop', title: 'The shop', droppedMs: 1_700_000_000_000 },
		],
	});
	// As after a restart.
	expect(open().projects.closed()).toMatchObject([{ name: 'shop' }]);
	await access.projects.forget('shop');
	expect((await send('POST', '/projects', { name: 'shop', title: 'New' })).status).toBe(200);
	expect(await send('DELETE', '/projects/default?confirm=default')).toMatchObject({ status: 409 });
});

test('a key sends so many bytes a minute, then is told when to come again, and that is counted', async () => {
	const { world, access, send, asAdmin } = await shopAndBank(withKeys);
	const made = await send('POST', '/ingest-keys', { label: 'slow', type: 'server', bytesPerMinute: 120_000 }, asAdmin);
	const { id, secret: key } = made.body as { id: string; secret: string };
	const send_ = (bytes: number) =>
		access.ingest.senderOf({ key, project: undefined, authorization: undefined, origin: undefined }).charge(bytes);
	send_(100_000);
	// What is larger than what is left goes through, and is owed.
	send_(100_000);
	expect(() => send_(1)).toThrow(expect.objectContaining({ status: 429, retryAfterMs: 40_001 }));
	world.nowMs += 40_001;
	send_(1);
	expect((await send('GET', '/ingest-keys', undefined, asAdmin)).body).toMatchObject({
		keys: [{ bytesPerMinute: 120_000, refused: 1 }],
	});
	expect((await send('GET', '/limits', undefined, asAdmin)).body['limits']).toContainEqual(
		expect.objectContaining({ limit: 'ingest', refused: 1 }),
	);
	await send('PUT', `/ingest-keys/${id}`, { bytesPerMinute: null }, asAdmin);
	for (let i = 0; i < 10; i += 1) send_(1_000_000);
});

test('a key sends so many spans a minute, of which those are counted that were kept', async () => {
	const { world, access, send, asAdmin } = await shopAndBank(withKeys);
	const made = await send('POST', '/ingest-keys', { label: 'slow', type: 'server', spansPerMinute: 3 }, asAdmin);
	const { id, secret: key } = made.body as { id: string; secret: string };
	const { app, zipkin, blocks } = receivers({ sender: access.httpSender });
	const headers = { 'x-spanhouse-key': key };
	const body = Buffer.from(bodyOf('traces', 'application/json')).toString();
	const sendOne = async () => (await post(app, '/v1/traces', 'application/json', body, headers)).status;
	// Requests without spans cost nothing.
	for (let i = 0; i < 5; i += 1)
		expect((await post(app, '/v1/traces', 'application/json', '{}', headers)).status).toBe(200);
	const spans = async () => blocks.reduce((total, { rows }) => total + rows, 0);
	while ((await sendOne()) === 200) expect(await spans()).toBeLessThan(100);
	const kept = await spans();
	expect(kept).toBeGreaterThanOrEqual(3);
	const refused = await post(zipkin, '/api/v2/spans', 'application/json', '[]', headers);
	expect(refused.status).toBe(429);
	expect(await refused.text()).toContain('the ingest key "slow" may send 3 spans a minute');
	// Until what is owed has come together, and one more.
	const waitSeconds = (kept - 3 + 1) * 20;
	expect(refused.headers.get('retry-after')).toBe(String(waitSeconds));
	world.nowMs += waitSeconds * 1_000;
	expect(await sendOne()).toBe(200);
	await send('PUT', `/ingest-keys/${id}`, { bytesPerMinute: 65_536, spansPerMinute: 1_000 }, asAdmin);
	expect((await send('GET', '/ingest-keys', undefined, asAdmin)).body).toMatchObject({
		keys: [{ bytesPerMinute: 65_536, spansPerMinute: 1_000, refused: 2 }],
	});
	for (let i = 0; i < 20; i += 1) expect(await sendOne()).toBe(200);
});

test.each([
	[[], 429, status.RESOURCE_EXHAUSTED],
	[['--throttle-status', '503'], 503, status.UNAVAILABLE],
])('a key beyond its limit is answered as is set: %j', async (args, httpStatus, grpcCode) => {
	const { access, send, asAdmin } = await shopAndBank([...withKeys, ...args]);
	const made = await send('POST', '/ingest-keys', { label: 'slow', type: 'server', bytesPerMinute: 100_000 }, asAdmin);
	const { secret } = made.body as { secret: string };
	const { app, zipkin, blocks } = receivers({ sender: access.httpSender });
	const headers = { 'x-spanhouse-key': secret };
	const body = Buffer.from(bodyOf('traces', 'application/json')).toString().padEnd(100_000);
	expect((await post(app, '/v1/traces', 'application/json', body, headers)).status).toBe(200);
	for (const [to, path] of [
		[app, '/v1/traces'],
		[zipkin, '/api/v2/spans'],
	] as const) {
		const answer = await post(to, path, 'application/json', '[]', headers);
		expect([answer.status, answer.headers.get('retry-after')]).toEqual([httpStatus, '1']);
	}
	expect(blocks).toHaveLength(1);
	const metadata = new Metadata();
	metadata.set('x-spanhouse-key', secret);
	let problem: unknown;
	try {
		access.grpcSender(metadata).charge(1);
	} catch (error) {
		problem = error;
	}
	expect(grpcStatus(problem as ProblemError).code).toBe(grpcCode);
});

test('looks at invitations, requests of a token and tokens that are none have limits, each counted', async () => {
	const { world, send, asAdmin } = await shopAndBank();
	const statuses = async (count: number, ask: () => Promise<{ status: number }>) => {
		const found: number[] = [];
		for (let i = 0; i < count; i += 1) found.push((await ask()).status);
		return Map.groupBy(found, (status) => status);
	};
	const looks = await statuses(33, () => send('POST', '/invitations/check', { invitation: 'guess' }));
	expect([looks.get(404)?.length, looks.get(429)?.length]).toEqual([30, 3]);
	const bad = await statuses(62, () => send('GET', '/echo', undefined, { authorization: 'Bearer spt_none' }));
	expect([bad.get(401)?.length, bad.get(429)?.length]).toEqual([60, 2]);
	const made = await send('POST', '/tokens', { label: 'a', role: 'viewer' }, asAdmin);
	const authorization = `Bearer ${String(made.body['secret'])}`;
	const good = await statuses(1_201, () => send('GET', '/echo', undefined, { authorization }));
	expect([good.get(200)?.length, good.get(429)?.length]).toEqual([1_200, 1]);
	const counted = (await send('GET', '/limits', undefined, asAdmin)).body['limits'];
	expect(counted).toMatchObject([
		{ limit: 'login', refused: 0, lastMs: null },
		{ limit: 'invitation', refused: 3, lastMs: world.nowMs },
		{ limit: 'token', refused: 3 },
		{ limit: 'concurrency', refused: 0 },
		{ limit: 'ingest', refused: 0 },
	]);
	// From elsewhere, and later, it goes on.
	world.address = '10.0.0.8';
	expect((await send('GET', '/echo', undefined, { authorization: 'Bearer spt_none' })).status).toBe(401);
	world.nowMs += 60_000;
	expect((await send('GET', '/echo', undefined, { authorization })).status).toBe(200);
});
