import { createServer, connect as connectTcp } from 'node:net';
import { connect as connectHttp2 } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Client, credentials, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { closing, world, path, send, span, traces, until, pause, grpcHeaders, frame, rawCall } from './grpc-world.ts';

describe('clients that are not quite right', () => {
	test('a message cut short is INVALID_ARGUMENT, and nothing of it is stored', async () => {
		const { server, blocks, events } = await world();
		const whole = frame(0, traces(span));
		expect(await rawCall(server, { body: whole.subarray(0, whole.length - 3) })).toMatchObject({ code: 3 });
		expect(await rawCall(server, { body: whole.subarray(0, 3) })).toMatchObject({ code: 3 });
		expect(await rawCall(server, { body: new Uint8Array() })).toMatchObject({ code: 3 });
		expect(blocks).toEqual([]);
		await until(() => events.length === 6);
		expect(events[0]).toMatchObject(['requestFailed', { status: 400, detail: 'the request is not one whole message' }]);
	});

	test('a second message is INVALID_ARGUMENT as soon as it begins, and neither is stored', async () => {
		const { server, blocks, events } = await world();
		const whole = frame(0, traces(span));
		expect(await rawCall(server, { body: Buffer.concat([whole, whole]) })).toMatchObject({ code: 3 });
		const session = connectHttp2(`http://${server.address}`);
		const endless = session.request(grpcHeaders(path('traces')));
		const answered = new Promise((resolve) => endless.once('response', resolve));
		endless.write(whole);
		await pause(50);
		endless.write(frame(0, new Uint8Array(1_000)).subarray(0, 10));
		expect(await answered).toMatchObject({ 'grpc-status': '3' });
		session.destroy();
		expect(blocks).toEqual([]);
		expect(events.map(([name]) => name)).toEqual(['requestFailed', 'answered', 'requestFailed', 'answered']);
	});

	test.each([
		['says nothing', new Uint8Array()],
		['stops in the middle', frame(0, new Uint8Array(1_000)).subarray(0, 100)],
		['never says that it is done', frame(0, traces(span))],
	])('a client that %s is not waited for without end', async (_, body) => {
		const { server, blocks, events } = await world({ readTimeoutMs: 100 });
		const session = connectHttp2(`http://${server.address}`);
		const call = session.request(grpcHeaders(path('traces')));
		const answered = new Promise((resolve) => call.once('response', resolve));
		call.write(body);
		expect(await answered).toMatchObject({ 'grpc-status': '4' });
		session.destroy();
		await until(() => events.length === 2);
		expect(events[0]).toMatchObject(['requestFailed', { status: 408, detail: 'the message did not arrive in time' }]);
		expect(blocks).toEqual([]);
	});

	test.each(['zstd', 'snappy', 'br'])('%s is UNIMPLEMENTED, by name', async (encoding) => {
		const { server, events } = await world();
		const answer = await rawCall(server, { body: frame(1, traces(span)), encoding });
		expect(answer).toMatchObject({ code: 12, message: expect.stringContaining(encoding) as string });
		await until(() => events.length === 2);
		expect(events[0]).toMatchObject(['requestFailed', { status: 415 }]);
	});

	test('damaged gzip is INVALID_ARGUMENT', async () => {
		const { server, blocks } = await world();
		const packed = await promisify(gzip)(traces(span));
		const body = frame(1, packed.subarray(0, packed.length - 12));
		expect(await rawCall(server, { body, encoding: 'gzip' })).toMatchObject({
			code: 3,
			message: expect.stringContaining('gzip') as string,
		});
		expect(blocks).toEqual([]);
	});

	test('a message that is not packed although the call names an encoding is read as it is', async () => {
		const { server, blocks, events } = await world();
		expect(await rawCall(server, { body: frame(0, traces(span)), encoding: 'gzip' })).toMatchObject({ code: 0 });
		expect(blocks).toHaveLength(1);
		expect(events[0]).toMatchObject(['requestReceived', { contentEncoding: 'identity' }]);
	});

	test('another content type is HTTP status 415', async () => {
		const { server } = await world();
		expect(await rawCall(server, { body: frame(0, traces(span)), type: 'application/json' })).toMatchObject({
			httpStatus: 415,
		});
	});

	test('HTTP/1 is told which port it has found, and what is on the status page says so', async () => {
		const { server, events } = await world();
		const response = await fetch(`http://${server.address}/v1/traces`, { method: 'POST', body: '{}' });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code: 3, message: expect.stringContaining('4318') as string });
		expect(events).toMatchObject([['requestFailed', { method: 'POST', path: '/v1/traces', status: 400 }]]);
	});

	test.each([
		['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc]), 'TLS'],
		['noise', Buffer.from('\0\u0001\u0002hello'), 'TCP'],
		['something that begins like HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n and more'), 'TCP'],
	])('%s is cut off, and the next client is served', async (_, bytes, method) => {
		const { server, client, events } = await world();
		const [host, port] = server.address.split(':');
		const socket = connectTcp(Number(port), host);
		const closed = new Promise((resolve) => socket.once('close', resolve));
		socket.on('error', () => undefined);
		socket.resume();
		socket.write(bytes);
		await closed;
		expect(events).toMatchObject([
			[
				'requestFailed',
				{ method, status: 400, detail: expect.stringMatching(/^this port takes OTLP over gRPC/) as string },
			],
		]);
		expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	});

	test('a client that takes its time with the first bytes is served like any other', async () => {
		const { server } = await world();
		const [host, port] = server.address.split(':');
		const proxy = createServer((near) => {
			const far = connectTcp(Number(port), host);
			far.setNoDelay(true);
			far.pipe(near);
			near.once('data', async (first: Buffer) => {
				near.pause();
				for (const byte of first.subarray(0, 30)) {
					far.write(Buffer.of(byte));
					await pause(2);
				}
				far.write(first.subarray(30));
				near.pipe(far);
			});
			near.on('error', () => undefined);
			far.on('error', () => undefined);
		});
		await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
		closing.push(() => proxy.close());
		const { port: proxyPort } = proxy.address() as { port: number };
		const client = new Client(`127.0.0.1:${proxyPort}`, credentials.createInsecure());
		closing.push(() => client.close());
		expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	});
});

test('whatever frames follow the greeting, the next client is served', async () => {
	const { server, client, blocks } = await world();
	const [host, port] = server.address.split(':');
	// A generator with a seed, so that a failure can be repeated.
	let seed = 1;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((seed / 2 ** 32) * below);
	};
	const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
	for (let i = 0; i < 150; i++) {
		const frames = Array.from({ length: 1 + random(8) }, () => {
			const payload = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
			const header = Buffer.from([0, 0, payload.length, random(12), random(256), 0, 0, 0, random(4)]);
			return Buffer.concat([header, payload]);
		});
		const socket = connectTcp(Number(port), host);
		socket.on('error', () => undefined);
		socket.resume();
		socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, ...frames]));
		await pause(2);
		socket.destroy();
	}
	expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	expect(blocks).toHaveLength(1);
});
