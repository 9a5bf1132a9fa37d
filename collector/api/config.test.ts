import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { setPrincipal, setProject } from '../access/principal.ts';
import { StoredDocuments } from '../desired/documents.ts';
import { silentLog } from '../log.ts';
import { StateStore } from '../state/state-store.ts';
import { MemoryTable } from '../../test/support/memory-table.ts';
import { loadDocuments } from '../desired/load-documents.ts';
import { documentRoutes } from './config.ts';
import { problemResponse } from './problem-response.ts';
import { mount } from './route.ts';

const now = 1_795_847_821_007;

async function open() {
	const state = await StateStore.open({ table: new MemoryTable(), clock: () => now });
	const documents = new StoredDocuments({ state, isSource: (_, name) => name === 'git', report: () => {} });
	const app = new Hono();
	app.onError((error, c) => problemResponse(c, error, silentLog));
	mount(
		app,
		documentRoutes(documents, () => now),
		() => {},
	);
	const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
		const response = await app.request(path, {
			method,
			headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		return {
			status: response.status,
			etag: response.headers.get('etag'),
			body: (await response.json()) as Record<string, never>,
		};
	};
	return { state, documents, call };
}

const alert = (name: string, spec: object = {}) => ({
	apiVersion: 'spanhouse.dev/v1',
	kind: 'Alert',
	metadata: { name },
	spec: { query: 'service:a', measure: 'p95', conditions: [{ severity: 'page', above: '800ms' }], ...spec },
});

test('a document is put, read, changed by its version, and deleted; its history tells it all', async () => {
	const { call } = await open();
	const address = '/config/Alert/shop%2Fslow';
	const said = `${address}?note=${encodeURIComponent(' Would have fired 2× ')}`;
	expect(await call('PUT', said, alert('shop/slow'), { 'if-none-match': '*' })).toMatchObject({
		status: 200,
		etag: '"1"',
		body: { version: 1, author: 'anonymous', owner: { source: null }, document: { spec: { window: '5m' } } },
	});
	expect(await call('PUT', address, alert('shop/slow'), { 'if-none-match': '*' })).toMatchObject({ status: 412 });
	expect(await call('PUT', address, alert('shop/slow', { every: '2m' }), { 'if-match': '"1"' })).toMatchObject({
		etag: '"2"',
	});
	expect(await call('PUT', address, alert('shop/slow'), { 'if-match': '"1"' })).toMatchObject({
		status: 412,
		body: { code: 'VERSION_CONFLICT' },
	});
	for (const note of ['%20', 'x'.repeat(501)])
		expect(await call('PUT', `${address}?note=${note}`, alert('shop/slow'))).toMatchObject({ status: 400 });
	const read = await call('GET', address);
	expect(read).toMatchObject({ etag: '"2"', body: { desired: null, document: { spec: { every: '2m' } } } });
	expect(await call('GET', '/config/documents?kind=Alert')).toMatchObject({ body: { documents: [{ version: 2 }] } });
	expect(await call('DELETE', address, undefined, { 'if-match': '"2"' })).toMatchObject({ body: { version: 3 } });
	expect(await call('DELETE', address)).toMatchObject({ status: 404, body: { code: 'NO_SUCH_DOCUMENT' } });
	const history = await call('GET', `${address}/history`);
	expect(history.body).toMatchObject({
		versions: [
			{ version: 3, deleted: true, document: null },
			{ version: 2, document: { spec: { every: '2m' } }, note: null },
			{ version: 1, document: { spec: { every: '1m' } }, note: 'Would have fired 2×' },
		],
	});
});

test.each([
	['another measure', alert('a', { measure: 'p42' }), 'spec.measure: found "p42", expected a measure such as p95'],
	['a slip', alert('a', { mesure: 'p95' }), 'spec.mesure: found "mesure", expected measure'],
	['a query', alert('a', { query: 'duration>500' }), 'spec.query: found '],
	['another name', alert('b'), 'metadata.name: found Alert "b", expected Alert "a" as in the address'],
	['a list', [], 'the document: found an empty list, expected a document with apiVersion'],
])('a body with %s is refused with path, what was found and what was expected', async (_, body, detail) => {
	const { call } = await open();
	const answer = await call('PUT', '/config/Alert/a', body);
	expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_DOCUMENT' } });
	expect(String(answer.body['detail'])).toContain(detail);
});

test('YAML of a document declares the same document, and says no more than it has to', async () => {
	const { call } = await open();
	const spec = { groupBy: ['http.route'], conditions: [{ severity: 'ticket', above: '1s', for: '5 of 6' }] };
	await call('PUT', '/config/Alert/a', alert('a', spec));
	const { body } = await call('GET', '/config/Alert/a');
	const text = String(body['yaml']);
	expect(loadDocuments([{ path: 'a.yaml', text }]).documents.map(({ document }) => document)).toEqual([
		body['document'],
	]);
	expect(text).not.toMatch(/noData|overrides|labels/);
});

test('what a source declares can be changed until a time, with a reason, and goes back to what the source says', async () => {
	const { state, documents, call } = await open();
	const [loaded] = loadDocuments([{ path: 'a.yaml', text: JSON.stringify(alert('a')) }]).documents;
	const origin = { source: 'git', file: 'team/a.yaml', line: 7 };
	const key = { project: 'default', kind: 'config.Alert', name: 'a' };
	await state.put(key, { document: loaded?.document, origin }, { author: 'git' });
	for (const method of ['PUT', 'DELETE']) {
		expect(await call(method, '/config/Alert/a', method === 'PUT' ? alert('a') : undefined)).toMatchObject({
			status: 409,
			body: { code: 'MANAGED_BY_SOURCE', detail: expect.stringContaining('source git in team/a.yaml:7') },
		});
	}
	const override = (untilMs: number, reason = '&reason=incident') =>
		call('PUT', `/config/Alert/a?overrideUntil=${untilMs}${reason}`, alert('a', { enabled: false }));
	expect(await override(now)).toMatchObject({ status: 400, body: { code: 'BAD_OVERRIDE' } });
	expect(await override(now + 1, '')).toMatchObject({ status: 400 });
	expect(await override(now + 60_000, `&reason=incident&note=${'x'.repeat(500)}`)).toMatchObject({
		status: 200,
		body: { owner: { source: 'git', line: 7, overriddenUntilMs: now + 60_000, overrideReason: 'incident' } },
	});
	expect(await call('GET', '/config/Alert/a')).toMatchObject({
		body: { document: { spec: { enabled: false } }, desired: { spec: { enabled: true } } },
	});
	expect(await call('GET', '/config/Alert/a/history')).toMatchObject({
		body: { versions: [{ note: 'x'.repeat(500) }, { note: null }] },
	});
	const ended = await call('DELETE', '/config/Alert/a/override');
	expect(ended.body['owner']).toEqual({ source: 'git', file: 'team/a.yaml', line: 7 });
	expect(documents.get('default', 'Alert', 'a')?.document.spec.enabled).toBe(true);
});

test('the schema that editors get is of the documents as they are written', async () => {
	const { call } = await open();
	const { body } = await call('GET', '/config/schema.json');
	const kinds = (body['oneOf'] as unknown as { properties: { kind: { const: string } } }[]).map(
		({ properties }) => properties.kind.const,
	);
	expect(kinds).toContain('Alert');
	expect(JSON.stringify(body)).toContain('"required":["query","measure","conditions"]');
});

test('a secret that was written out is in no answer, and stays when what was read is sent back', async () => {
	const { call, documents } = await open();
	const channel = (url: string, sendResolved = true) => ({
		apiVersion: 'spanhouse.dev/v1',
		kind: 'Channel',
		metadata: { name: 'oncall' },
		spec: { type: 'slack', url, sendResolved },
	});
	const put = await call('PUT', '/config/Channel/oncall', channel('https://hooks.example/T0/hunter2'));
	const answers = [put];
	for (const path of ['', '/history']) answers.push(await call('GET', `/config/Channel/oncall${path}`));
	answers.push(await call('GET', '/config/documents'));
	expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
	expect(JSON.stringify(answers)).not.toContain('hunter2');
	await call('PUT', '/config/Channel/oncall', channel('(hidden)', false));
	expect(documents.get('default', 'Channel', 'oncall')?.document.spec).toMatchObject({
		url: 'https://hooks.example/T0/hunter2',
		sendResolved: false,
	});
	await call('PUT', '/config/Channel/oncall', channel('${env:SLACK_URL}'));
	expect(await call('GET', '/config/Channel/oncall')).toMatchObject({
		body: { document: { spec: { url: '${env:SLACK_URL}' } } },
	});
});

test.each(['Channel', 'Heartbeat', 'Source', 'Retention'])('a %s is an administrator’s to change', async (kind) => {
	const { documents } = await open();
	for (const [role, status] of [
		['editor', 403],
		['admin', 404],
	] as const) {
		const app = new Hono();
		app.onError((error, c) => problemResponse(c, error, silentLog));
		mount(
			app,
			documentRoutes(documents, () => now),
			(c) => (setPrincipal(c, { kind: 'user', name: 'ann', role }), setProject(c, 'default')),
		);
		expect((await app.request(`/config/${kind}/x`, { method: 'DELETE' })).status).toBe(status);
	}
});
