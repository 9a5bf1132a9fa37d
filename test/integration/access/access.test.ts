/** The real product with a login and keys: from the link of the first start to a revoked key, over HTTP, gRPC and a restart. */
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/clickhouse.ts';
import { fillWithMigrated } from '../../support/migrated-store.ts';
import { productStore, startProduct, until } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';

const PASSWORD = 'correct horse battery';

async function call({ ready }: Product, method: string, path: string, body?: unknown, cookie = '') {
	const answer = await fetch(`${ready.ui}/api/v1${path}`, {
		method,
		headers: {
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
			...(cookie === '' ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
		},
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const session = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
	return { status: answer.status, session, body: (await answer.json()) as Record<string, unknown> };
}

async function sendOverHttp({ ready }: Product, headers: Record<string, string> = {}) {
	const spans = [
		{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'kept', endTimeUnixNano: `${Date.now()}000000` },
	];
	const answer = await fetch(`${ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json', ...headers },
		body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
	});
	return {
		status: answer.status,
		text: await answer.text(),
		allowed: answer.headers.get('access-control-allow-origin'),
	};
}

function sendOverGrpc({ ready }: Product, key?: string): Promise<{ code: number; details: string }> {
	const client = new Client(ready.otlpGrpc, credentials.createInsecure());
	const metadata = new Metadata();
	if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);
	const asSent = (bytes: Uint8Array) => Buffer.from(bytes);
	const { promise, resolve } = Promise.withResolvers<{ code: number; details: string }>();
	const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
	client.makeUnaryRequest(path, asSent, asSent, new Uint8Array(), metadata, (error) => {
		client.close();
		resolve({ code: error?.code ?? status.OK, details: error?.details ?? '' });
	});
	return promise;
}

test('set up, log in, send with a key, revoke it; a restart keeps all of it', { timeout: 180_000 }, async () => {
	const folder = temporaryFolder();
	await fillWithMigrated(folder.path, productStore);
	const args = ['--data-dir', folder.path, '--login', 'on', '--ingest-auth', 'keys'];
	const given = 'given-by-the-environment-1234';
	const env = { SPANHOUSE_INGEST_KEYS: given };
	let product = await startProduct({ args, env });
	const invitation = await until(
		async () => /\?invitation=(\S+)/.exec(product.log())?.[1],
		'the link of the first start',
	);
	expect((await call(product, 'GET', '/services')).status).toBe(401);
	expect((await fetch(`${product.ready.ui}/metrics`)).status).toBe(401);
	expect((await fetch(`${product.ready.ui}/readyz`)).status).toBe(200);
	expect((await fetch(`${product.ready.ui}/login`)).status).toBe(200);

	const account = { invitation, email: 'ann@example.com', password: PASSWORD };
	const { session } = await call(product, 'POST', '/invitations/accept', account);
	expect((await call(product, 'GET', '/services', undefined, session)).status).toBe(200);
	const made = await call(product, 'POST', '/ingest-keys', { label: 'shop', type: 'server' }, session);
	const { id, secret } = made.body as { id: string; secret: string };
	const origins = ['https://shop.example'];
	const web = await call(product, 'POST', '/ingest-keys', { label: 'web', type: 'browser', origins }, session);

	expect(await sendOverHttp(product)).toMatchObject({ status: 401, text: expect.stringContaining('no ingest key') });
	expect(await sendOverHttp(product, { authorization: `Bearer ${secret}` })).toMatchObject({ status: 200 });
	expect(await sendOverHttp(product, { 'x-spanhouse-key': secret })).toMatchObject({ status: 200 });
	expect(await sendOverHttp(product, { authorization: `Bearer ${given}` })).toMatchObject({ status: 200 });
	const page = { authorization: `Bearer ${String(web.body['secret'])}`, origin: 'https://shop.example' };
	expect(await sendOverHttp(product, page)).toMatchObject({ status: 200, allowed: 'https://shop.example' });
	expect(await sendOverHttp(product, { ...page, origin: 'https://evil.example' })).toMatchObject({
		status: 403,
		allowed: null,
	});
	expect(await sendOverGrpc(product)).toMatchObject({ code: status.UNAUTHENTICATED });
	expect(await sendOverGrpc(product, secret)).toMatchObject({ code: status.OK });
	const tested = await call(product, 'POST', '/test-span', undefined, session);
	expect(tested.status).toBe(200);

	expect(await product.stop()).toBe(0);
	product = await startProduct({ args, env });
	expect(product.log()).not.toContain('invitation=');
	expect((await call(product, 'GET', '/services', undefined, session)).status).toBe(200);
	expect((await call(product, 'POST', '/session', { email: 'ann@example.com', password: PASSWORD })).status).toBe(200);
	const { keys } = (await call(product, 'GET', '/ingest-keys', undefined, session)).body as {
		keys: { id: string; lastUsedMs: number | null }[];
	};
	expect(keys.find((key) => key.id === id)?.lastUsedMs).toBeGreaterThan(Date.now() - 300_000);
	expect(await sendOverHttp(product, { authorization: `Bearer ${secret}` })).toMatchObject({ status: 200 });
	await call(product, 'DELETE', `/ingest-keys/${id}`, undefined, session);
	const revoked = await sendOverHttp(product, { authorization: `Bearer ${secret}` });
	expect(revoked.status).toBe(401);
	expect(revoked.text).toContain(`ends in ${secret.slice(-4)} was revoked`);
	expect(await sendOverGrpc(product, secret)).toMatchObject({
		code: status.UNAUTHENTICATED,
		details: expect.stringContaining(`ends in ${secret.slice(-4)}`),
	});
	const audit = (await call(product, 'GET', '/audit?limit=3', undefined, session)).body as {
		entries: { kind: string; action: string; author: string }[];
	};
	expect(audit.entries.map(({ kind, action }) => `${kind} ${action}`)).toEqual([
		'ingest-secret deleted',
		'ingest-key deleted',
		'login changed',
	]);
	expect(await product.stop()).toBe(0);
	folder.remove();
});
