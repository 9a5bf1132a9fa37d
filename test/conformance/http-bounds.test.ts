import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Hono } from 'hono';
import { afterAll, describe, expect, test } from 'vitest';
import { makePayloads } from '../bench/otlp-payload.ts';
import { closeWorlds, ids, world, PACKINGS, span, post, statusOf } from '../support/otlp-http-world.ts';
import { encodeProto } from '../support/otlp-proto.ts';

afterAll(closeWorlds);

describe('room', () => {
	const body = gzipSync(Buffer.alloc(600_000));
	const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
	const post = async (app: Hono) => (await app.request('/v1/traces', { method: 'POST', headers, body })).status;

	test('what does not fit beside other requests is 503, and fits again when they are answered', async () => {
		const gate = Promise.withResolvers<void>();
		const { app } = world({ maxBytesInFlight: 1_000_000, append: () => gate.promise });
		const first = app.request('/v1/traces', {
			method: 'POST',
			headers: { 'content-type': 'application/x-protobuf' },
			body: encodeProto('ExportTraceServiceRequest', {
				resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids(span), name: 'x'.repeat(900_000) }] }] }],
			}),
		});
		await expect.poll(() => post(app)).toBe(503);
		gate.resolve();
		expect((await first).status).toBe(200);
		expect(await post(app)).toBe(400); // It fits now, and zeros are no request.
	});

	test('a request larger than all the room is taken when nothing else is there', async () => {
		const { app } = world({ maxBytesInFlight: 1_000 });
		expect(await post(app)).toBe(400);
	});
});

describe('an answer that is due', () => {
	const large = encodeProto('ExportTraceServiceRequest', {
		resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids(span), name: 'x'.repeat(900_000) }] }] }],
	});
	const fingerprint = () => new Uint8Array(16);
	const send = (app: Hono) => post(app, '/v1/traces', 'application/x-protobuf', large);

	test('says that it is late; what comes to the disk then is counted, and its room is free', async () => {
		const gate = Promise.withResolvers<void>();
		const { app, events } = world({
			answerWithinMs: 10,
			maxBytesInFlight: 1_000_000,
			append: () => gate.promise,
			fingerprint,
		});
		const accepted = () => events.filter(([name]) => name === 'spansAccepted').length;
		const late = await send(app);
		expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
		expect((await statusOf(late)).message).toMatch(/not as safe after 0.01 s as an answer promises; send it again/);
		expect((await statusOf(await send(app))).message).toMatch(/too much is being received/);
		expect(accepted()).toBe(0);
		gate.resolve();
		await expect.poll(accepted).toBe(1);
		// Decoding alone may be late by so short a time.
		await expect.poll(async () => (await send(app)).status).toBe(200);
	});

	test.each([
		['logs', '/v1/logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId: span.traceId }] }] }] }],
		['spans of Zipkin', '/api/v2/spans', [{ traceId: span.traceId, id: span.spanId }]],
	] as const)('says so of %s, too', async (_, path, body) => {
		const gate = Promise.withResolvers<void>();
		const append = () => gate.promise;
		const { app, zipkin, events } = world({ answerWithinMs: 10, append, appendLogs: append, fingerprint });
		const asked = path === '/v1/logs' ? app : zipkin;
		const late = await post(asked, path, 'application/json', JSON.stringify(body));
		expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
		gate.resolve();
		await expect.poll(() => events.map(([name]) => name)).toContainEqual(expect.stringMatching(/Accepted$/));
	});

	test('gives its room back where the disk fails after all', async () => {
		const gate = Promise.withResolvers<void>();
		const { app } = world({
			answerWithinMs: 10,
			maxBytesInFlight: 1_000_000,
			append: async () => {
				await gate.promise;
				throw new Error('the disk is gone');
			},
			fingerprint,
		});
		expect((await send(app)).status).toBe(503);
		expect((await statusOf(await send(app))).message).toMatch(/too much is being received/);
		gate.resolve();
		await expect.poll(async () => (await statusOf(await send(app))).message).not.toMatch(/too much/);
	});

	test('is waited for where a retry would be stored twice', async () => {
		const gate = Promise.withResolvers<void>();
		const { app } = world({ answerWithinMs: 1, append: () => gate.promise });
		const answer = send(app);
		expect(await Promise.race([answer, setTimeout(50, 'waiting')])).toBe('waiting');
		gate.resolve();
		expect((await answer).status).toBe(200);
	});
});

test('a bomb of 100 MB of zeros is refused while it is inflated', async () => {
	const bomb = await PACKINGS.gzip(new Uint8Array(100_000_000));
	expect(bomb.length).toBeLessThan(200_000);
	const response = await post(world().app, '/v1/traces', 'application/x-protobuf', bomb, {
		'content-encoding': 'gzip',
	});
	expect(response.status).toBe(413);
});

test('a body that says it is too long is not read; one that does not say is read up to the limit', async () => {
	let pulled = 0;
	const endless = () =>
		new ReadableStream<Uint8Array>({
			pull: (controller) => {
				pulled++;
				controller.enqueue(new Uint8Array(10_000));
			},
		});
	const { app } = world({ limits: { maxBodyBytes: 100_000, retentionMs: 1 } });
	const send = (headers: Record<string, string>) =>
		app.request('/v1/traces', {
			method: 'POST',
			headers: { 'content-type': 'application/x-protobuf', ...headers },
			body: endless(),
			duplex: 'half',
		});
	expect((await send({ 'content-length': '200000' })).status).toBe(413);
	expect(pulled).toBeLessThan(3);
	expect((await send({})).status).toBe(413);
	expect(pulled).toBeLessThan(20);
});

test('a body that breaks off is refused, and nothing of it is stored', async () => {
	const { app, blocks } = world();
	const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('aborted')) });
	const headers = { 'content-type': 'application/x-protobuf' };
	const response = await app.request('/v1/traces', { method: 'POST', headers, body, duplex: 'half' });
	expect(response.status).toBe(400);
	expect(blocks).toEqual([]);
});

test('a body of several MiB is decoded in a thread and stored whole', async () => {
	const [payload] = makePayloads({ spansPerRequest: 8_000, requests: 1, seed: 2, encoding: 'protobuf' });
	const { app, blocks, events } = world();
	const response = await post(app, '/v1/traces', 'application/x-protobuf', await PACKINGS.zstd(payload!.body), {
		'content-encoding': 'zstd',
	});
	expect(response.status).toBe(200);
	expect(blocks[0]!.rows).toBe(8_000);
	expect(events[0]).toMatchObject([
		'requestReceived',
		{ encoding: 'protobuf', contentEncoding: 'zstd', bytes: payload!.body.length },
	]);
});
