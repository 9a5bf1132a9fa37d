import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { buildSdkIfStale } from '../build.ts';
import { runApp } from './run-app.ts';

const CLIENT = 3;
const SERVER = 2;

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => void (await buildSdkIfStale()), 120_000);

describe.each(['esm', 'commonjs'])('an app of %s modules started with --import @spanhouse/sdk/register', (modules) => {
	test('gives a client span, and a server span that is its child, for a request over node:http', async () => {
		const { code, spans } = await runApp(`${modules}/http.js`);
		expect(code).toBe(0);
		const servers = spans.filter((span) => span.kind === SERVER);
		expect(servers.length).toBeGreaterThan(0);
		for (const server of servers) {
			const client = spans.find((span) => span.spanId === server.parentSpanId);
			expect(client).toMatchObject({ kind: CLIENT, traceId: server.traceId });
		}
		expect(servers[0]?.attributes).toMatchObject({ 'http.request.method': 'GET', 'url.path': '/carts/42' });
	});

	test('is named and versioned after its package.json', async () => {
		const { spans } = await runApp(`${modules}/http.js`);
		expect(spans[0]?.resource).toMatchObject(
			modules === 'esm'
				? { 'service.name': 'esm-shop', 'service.version': '3.1.4' }
				: { 'service.name': 'commonjs-shop', 'service.version': '0.0.7' },
		);
		expect(spans[0]?.resource['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
	});

	test(
		'gives a span with its SQL and rows for a query through pg, and none for connecting',
		{ timeout: 120_000 },
		async () => {
			const database = await PGlite.create();
			const server = new PGLiteSocketServer({ db: database, host: '127.0.0.1', port: 0, maxConnections: 4 });
			await server.start();
			try {
				const { code, stderr, spans } = await runApp(`${modules}/database.js`, {
					env: { DATABASE_URL: `postgres://postgres:any@${server.getServerConn()}/postgres` },
				});
				expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
				const clients = spans.filter((span) => span.kind === CLIENT);
				expect(clients).toHaveLength(4);
				expect(clients[0]?.attributes).toMatchObject({
					'db.system.name': 'postgresql',
					'db.query.text': 'SELECT $1::int AS answer',
				});
				// Of what returns no rows, nothing is said.
				expect(clients.map(({ attributes }) => attributes['db.response.returned_rows'])).toEqual([1, undefined, 0, 4]);
			} finally {
				await server.stop();
				await database.close();
			}
		},
	);
});

test('--require starts it as well, and code of CommonJS gets the package by require', async () => {
	const { code, stderr, spans } = await runApp('commonjs/spans.js', { preload: '--require' });
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	expect(spans.map((span) => span.name)).toEqual(['by require']);
});

test('fetch is traced too', async () => {
	const { spans } = await runApp('esm/http.js');
	expect(spans.filter((span) => span.scope.endsWith('instrumentation-undici'))).toMatchObject([{ kind: CLIENT }]);
});

test('OTEL_SDK_DISABLED leaves the app as it is, and nothing is sent', async () => {
	const { code, requests } = await runApp('esm/http.js', { env: { OTEL_SDK_DISABLED: 'true' } });
	expect(code).toBe(0);
	expect(requests).toEqual([]);
});

test('withSpan passes results and errors on, nests, and records what was thrown', async () => {
	const { stdout, spans } = await runApp('esm/spans.js');
	expect(JSON.parse(stdout)).toEqual({ sum: 3, later: 'done', failures: ['no such article', 'sold out'] });
	const byName = new Map(spans.map((span) => [span.name, span]));
	expect(byName.get('add')?.attributes).toEqual({
		'math.first': 1,
		'code.file.path': expect.stringMatching(/esm.spans\.js$/),
		'code.line.number': 4,
	});
	expect(byName.get('wait')?.durationMs).toBeGreaterThanOrEqual(4);
	expect(byName.get('inner')?.parentSpanId).toBe(byName.get('wait')?.spanId);
	expect(byName.get('throws')).toMatchObject({
		status: { code: 2, message: 'no such article' },
		attributes: { 'error.type': 'TypeError' },
		events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }],
	});
	expect(byName.get('rejects')).toMatchObject({ status: { code: 2, message: 'sold out' } });
});
