import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { silentLog } from '../log.ts';
import { StateStore } from '../state/state-store.ts';
import { problemResponse } from './problem-response.ts';
import { mount } from './route.ts';
import { viewRoutes } from './views.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';

const state = await StateStore.open({
	clock: () => 1_700_000_000_000,
	table: new MemoryTable(),
});
const app = new Hono();
app.onError((error, c) => problemResponse(c, error, silentLog));
mount(app, viewRoutes(state), () => {});

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
	const answer = await app.request(path, {
		method,
		headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
		...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	});
	return { status: answer.status, etag: answer.headers.get('etag'), body: (await answer.json()) as object };
}

test('a view is saved, listed by its screen, changed by its version and deleted', async () => {
	const path = `/views/traces/${encodeURIComponent('Slow / "checkout" ☕')}`;
	const saved = await send('PUT', path, { search: 'q=error%3Atrue' }, { 'if-none-match': '*' });
	expect(saved).toMatchObject({
		status: 200,
		etag: '"1"',
		body: {
			kind: 'traces',
			name: 'Slow / "checkout" ☕',
			search: 'q=error%3Atrue',
			version: 1,
			changedMs: 1_700_000_000_000,
		},
	});
	await send('PUT', '/views/services/all', { search: '' });
	expect((await send('GET', '/views?kind=traces')).body).toEqual({ views: [saved.body] });
	expect((await send('GET', '/views')).body).toMatchObject({ views: [{ name: 'all' }, {}] });
	expect((await send('GET', '/views?project=other')).body).toEqual({ views: [] });

	expect(await send('PUT', path, { search: 'a' }, { 'if-none-match': '*' })).toMatchObject({
		status: 412,
		body: { code: 'VERSION_CONFLICT' },
	});
	expect(await send('PUT', path, { search: 'b' }, { 'if-match': '"1"' })).toMatchObject({ status: 200, etag: '"2"' });
	expect(await send('DELETE', path, undefined, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
	expect(await send('DELETE', path)).toMatchObject({ status: 200, body: { version: 3 } });
	expect(await send('DELETE', path)).toMatchObject({ status: 404, body: { code: 'NO_SUCH_VIEW' } });
});

test.each<[string, string, unknown, Record<string, string>, number, string]>([
	['a body that is not JSON', '/views/traces/a', '{', {}, 400, 'BAD_BODY'],
	['a member that is not known', '/views/traces/a', { search: '', query: '' }, {}, 400, 'BAD_BODY'],
	[
		'a type that other pages may send',
		'/views/traces/a',
		'{"search":""}',
		{ 'content-type': 'text/plain' },
		415,
		'BAD_CONTENT_TYPE',
	],
	['a screen of no such form', '/views/Tr%20aces/a', { search: '' }, {}, 400, 'BAD_PARAMETER'],
	['a name with a line break', '/views/traces/a%0Ab', { search: '' }, {}, 400, 'BAD_PARAMETER'],
	['a name that is too long', `/views/traces/${'a'.repeat(101)}`, { search: '' }, {}, 400, 'BAD_PARAMETER'],
	['a version that is none', '/views/traces/a', { search: '' }, { 'if-match': '"x"' }, 400, 'BAD_VERSION'],
	['more than a body may have', '/views/traces/a', { search: 'x'.repeat(300_000) }, {}, 413, 'BODY_TOO_LARGE'],
])('%s is refused', async (_, path, body, headers, status, code) => {
	expect(await send('PUT', path, body, headers)).toMatchObject({ status, body: { code } });
});
