import { Hono } from 'hono';
import { Access } from '../../collector/access/access.ts';
import { accessRoutes } from '../../collector/api/access/access-routes.ts';
import { problemResponse } from '../../collector/api/problem-response.ts';
import { mount } from '../../collector/api/route.ts';
import type { Route } from '../../collector/api/route.ts';
import { readConfig } from '../../collector/config.ts';
import { silentLog } from '../../collector/log.ts';
import { StateStore } from '../../collector/state/state-store.ts';
import { MemoryTable } from './memory-table.ts';

export const PASSWORD = 'correct horse battery';
const hostName = 'localhost:4319';

export interface Answer {
	status: number;
	body: Record<string, unknown>;
	/** `name=value`, as a browser would send it back. */
	cookie: string | undefined;
	setCookie: string;
	retryAfter: string | null;
}

/** The API of access on a table in memory and a clock by hand. */
export async function accessWorld(
	args: string[] = ['--login', 'on'],
	more: Route[] = [],
	env: Record<string, string> = {},
) {
	const world = { nowMs: 1_700_000_000_000, address: '10.0.0.7' };
	const clock = () => world.nowMs;
	const table = new MemoryTable();
	const state = await StateStore.open({ table, clock });
	const peerOf = () => world.address;
	const dropped: string[] = [];
	const open = () =>
		new Access({
			policy: readConfig(args, env),
			state,
			uiUrl: () => `http://${hostName}`,
			peerOf,
			clock,
			log: silentLog,
		});
	const access = open();
	const app = new Hono();
	app.onError((error, c) => problemResponse(c, error, silentLog));
	for (const guard of access.guards) app.use('*', guard);
	const routes = [
		...accessRoutes({
			access,
			state,
			clock,
			log: silentLog,
			addressOf: access.addressOf,
			dropProject: (name) => dropped.push(name),
		}),
		...more,
	];
	mount(app, routes, access.check);

	async function send(
		method: string,
		path: string,
		body?: unknown,
		headers: Record<string, string | undefined> = {},
	): Promise<Answer> {
		const sent = new Headers({ host: hostName });
		if (body !== undefined) sent.set('content-type', 'application/json');
		// A browser, wherever a cookie is sent.
		if (headers['cookie'] !== undefined) sent.set('sec-fetch-site', 'same-origin');
		for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent.set(name, value);
		const init = { method, headers: sent, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
		const answer = await app.request(path, init);
		const setCookie = answer.headers.get('set-cookie') ?? '';
		return {
			status: answer.status,
			body: (await answer.json().catch(() => ({}))) as Record<string, unknown>,
			cookie: /^([^;]+=[^;]+);/.exec(setCookie)?.[1],
			setCookie,
			retryAfter: answer.headers.get('retry-after'),
		};
	}

	const secretOf = (url: string | undefined): string => new URL(url ?? '').searchParams.get('invitation') ?? '';
	/** Makes the first account by the link that is printed; resolves with its cookie. */
	async function setUp(email = 'ann@example.com'): Promise<string> {
		const body = { invitation: secretOf(access.setupUrl()), email, password: PASSWORD };
		return (await send('POST', '/invitations/accept', body)).cookie ?? '';
	}
	/** Makes another account; resolves with its cookie. */
	async function join(admin: string, email: string, role: string): Promise<string> {
		const invited = await send('POST', '/invitations', { email, role }, { cookie: admin });
		const invitation = secretOf(String(invited.body['url']));
		return (await send('POST', '/invitations/accept', { invitation, password: PASSWORD })).cookie ?? '';
	}
	return { app, world, dropped, access, state, table, routes, send, setUp, join, open };
}
