/** Login by OpenID Connect against a provider that is not ours: npm `oidc-provider`, certified. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessWorld } from '../../support/access-world.ts';

const publicUrl = 'http://localhost:4319';
const callback = `${publicUrl}/api/v1/session/provider/callback`;
/** What the provider knows of who logs in next. */
let account: Record<string, unknown> = {};
let issuer: string;
const server = createServer((request, response) => void handler(request, response));
let handler: ReturnType<Provider['callback']>;

beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const provider = new Provider(issuer, {
		clients: [{ client_id: 'spanhouse', client_secret: 'told to nobody else', redirect_uris: [callback] }],
		claims: { email: ['email', 'email_verified'], profile: ['groups'] },
		pkce: { required: () => true },
		findAccount: (_, accountId) => ({ accountId, claims: async () => ({ sub: accountId, ...account }) }),
		cookies: { keys: ['a key of this test'] },
	});
	handler = provider.callback();
});
afterAll(() => server.close());

const args = (...more: string[]) => [
	'--login',
	'on',
	'--public-url',
	publicUrl,
	'--oidc-issuer',
	issuer,
	'--oidc-client-id',
	'spanhouse',
	...more,
];

/** A browser at the provider: keeps its cookies, fills in its forms, and stops at what leads back. */
async function logInAtProvider(start: string): Promise<string> {
	const jar = new Map<string, string>();
	let url = start;
	let body: URLSearchParams | undefined;
	for (let hops = 0; hops < 12; hops += 1) {
		const answer = await fetch(url, {
			redirect: 'manual',
			headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
			...(body === undefined ? {} : { method: 'POST', body }),
		});
		for (const cookie of answer.headers.getSetCookie()) {
			const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
			jar.set(name, value);
		}
		body = undefined;
		const location = answer.headers.get('location');
		if (location !== null) {
			url = new URL(location, url).href;
			if (url.startsWith(callback)) return url;
			continue;
		}
		const page = await answer.text();
		const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1];
		if (action === undefined) throw new Error(`no form at ${url}: ${answer.status} ${page.slice(0, 500)}`);
		const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? 'login';
		url = new URL(action, url).href;
		body = new URLSearchParams({ prompt, login: 'ann', password: 'any' });
	}
	throw new Error('the provider sends in circles');
}

type World = Awaited<ReturnType<typeof accessWorld>>;

async function begin({ app }: World): Promise<{ url: string; cookie: string }> {
	const answer = await app.request('/session/provider?next=/traces');
	const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
	return { url: answer.headers.get('location') ?? '', cookie };
}

/** What the product answers to the browser that comes back. */
async function comeBack({ app }: World, back: string, cookie: string) {
	const path = `/session/provider/callback${new URL(back).search}`;
	const answer = await app.request(path, { headers: { cookie } });
	const session = answer.headers.getSetCookie().find((text) => text.startsWith('spanhouse-plain='));
	return { location: answer.headers.get('location'), session: session?.split(';')[0] };
}

async function logIn(world: World) {
	const { url, cookie } = await begin(world);
	return comeBack(world, await logInAtProvider(url), cookie);
}

const vouchedFor = { email: 'Ann@Example.com', email_verified: true };
const secret = { SPANHOUSE_OIDC_CLIENT_SECRET: 'told to nobody else' };

test('who is vouched for gets an account and a session, and goes on where they wanted', async () => {
	account = vouchedFor;
	const world = await accessWorld(args(), [], secret);
	const { location, session } = await logIn(world);
	expect(location).toBe(`${publicUrl}/traces`);
	expect((await world.send('GET', '/session', undefined, { cookie: session })).body).toMatchObject({
		user: { name: 'ann@example.com', role: 'viewer' },
		provider: '/api/v1/session/provider',
	});
	const { url } = await begin(world);
	const asked = new URL(url).searchParams;
	expect(asked.get('code_challenge_method')).toBe('S256');
	expect(asked.get('nonce')).toMatch(/^.{20,}$/);
});

test('a claim decides about the role each time; without invitation nobody comes in where none is made', async () => {
	account = { ...vouchedFor, groups: ['staff', 'editor'] };
	const world = await accessWorld(args('--oidc-role-claim', 'groups', '--oidc-new-users', 'none'), [], secret);
	const editor = await logIn(world);
	expect((await world.send('GET', '/session', undefined, { cookie: editor.session })).body).toMatchObject({
		user: { role: 'editor' },
	});
	account = { ...vouchedFor, email: 'eve@example.com', groups: [] };
	expect(await logIn(world)).toEqual({ location: `${publicUrl}/login?refused=account`, session: undefined });
});

test.each([
	['an address that the provider does not vouch for', { email: 'ann@example.com', email_verified: false }],
	['an address of which it says nothing', { email: 'ann@example.com' }],
	['no address', {}],
])('%s is refused', async (_, claims) => {
	account = claims;
	const world = await accessWorld(args(), [], secret);
	expect(await logIn(world)).toEqual({ location: `${publicUrl}/login?refused=failed`, session: undefined });
});

test('an answer counts once, in the browser that asked, and only as it was asked for', async () => {
	account = vouchedFor;
	const world = await accessWorld(args(), [], secret);
	const failed = { location: `${publicUrl}/login?refused=failed`, session: undefined };
	const mine = await begin(world);
	const other = await begin(world);
	const back = await logInAtProvider(mine.url);
	expect(await comeBack(world, back, '')).toEqual(failed);
	// Somebody else's login, put under this browser: its state is another.
	expect(await comeBack(world, back, other.cookie)).toEqual(failed);
	const third = await begin(world);
	const thirdBack = new URL(await logInAtProvider(third.url));
	thirdBack.searchParams.set('iss', 'https://another.example');
	expect(await comeBack(world, thirdBack.href, third.cookie)).toEqual(failed);
	expect((await comeBack(world, back, mine.cookie)).session).toMatch(/^spanhouse-plain=/);
	expect(await comeBack(world, back, mine.cookie)).toEqual(failed);
	const late = await begin(world);
	const lateBack = await logInAtProvider(late.url);
	world.world.nowMs += 11 * 60_000;
	expect(await comeBack(world, lateBack, late.cookie)).toEqual(failed);
});

test('a provider that is away is told on the login screen, and asked again the next time', async () => {
	const away = args().map((argument) => (argument === issuer ? 'http://127.0.0.1:9' : argument));
	const world = await accessWorld(away, [], secret);
	expect((await begin(world)).url).toBe(`${publicUrl}/login?refused=failed`);
});
