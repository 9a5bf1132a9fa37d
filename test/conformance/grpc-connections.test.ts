import { connect as connectTcp } from 'node:net';
import { connect as connectHttp2, constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { openSpanBlock } from '../../collector/spool/span-block-codec.ts';
import { MiB, closing, world, path, send, span, traces, until, pause, grpcHeaders, frame } from './grpc-world.ts';

test('a connection may have a hundred requests at once and send a mebibyte of each ahead', async () => {
	const { server } = await world();
	const session = connectHttp2(`http://${server.address}`);
	closing.push(() => session.destroy());
	const call = session.request(grpcHeaders(path('traces')));
	call.resume();
	call.end(frame(0, traces(span)));
	await new Promise((resolve) => call.once('close', resolve));
	await until(() => session.remoteSettings.initialWindowSize === MiB);
	expect(session.remoteSettings.maxConcurrentStreams).toBe(100);
});

test('a connection that is old enough ends, and no request with it', async () => {
	const { server, client, blocks } = await world({ connectionAgeMs: 200 });
	const session = connectHttp2(`http://${server.address}`);
	closing.push(() => session.destroy());
	const ends: number[] = [];
	session.once('goaway', (code: number) => ends.push(code));
	let sent = 0;
	for (; ends.length === 0; sent += 1)
		expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	expect(ends).toEqual([constants.NGHTTP2_NO_ERROR]);
	expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	expect(blocks).toHaveLength(sent + 1);
});

test('many requests over one connection are each answered', async () => {
	const { client, blocks } = await world();
	const answers = await Promise.all(
		Array.from({ length: 400 }, (_, i) => send(client, 'traces', traces({ ...span, name: `work ${i}` }))),
	);
	expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([status.OK]));
	expect(blocks).toHaveLength(400);
});

test('a connection that resets requests as fast as it can is closed, and others are served', async () => {
	const { server, client } = await world();
	const session = connectHttp2(`http://${server.address}`);
	closing.push(() => session.destroy());
	session.on('error', () => {});
	await new Promise((resolve) => session.once('connect', resolve));
	let resets = 0;
	// Node.js lets a thousand through, and then 33 a second.
	while (!session.destroyed && resets < 50_000) {
		const calls = Array.from({ length: 50 }, () => session.request(grpcHeaders(path('traces'))));
		resets += calls.length;
		await Promise.all(
			calls.map((call) => {
				const closed = new Promise((resolve) => call.once('close', resolve));
				call.on('error', () => {});
				call.write(frame(0, traces(span)).subarray(0, 8), () => call.close(constants.NGHTTP2_CANCEL));
				return closed;
			}),
		);
	}
	expect(session.destroyed).toBe(true);
	expect(resets).toBeGreaterThan(1_000);
	expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
});

describe('closing', () => {
	test('a request under way is finished, a new one finds nobody', async () => {
		const gate = Promise.withResolvers<void>();
		const { server, client, connect, blocks } = await world({
			append: async ({ frame }) => {
				const block = openSpanBlock(frame);
				await gate.promise;
				blocks.push(block);
			},
			drainMs: 5_000,
		});
		const under = send(client, 'traces', traces(span));
		await pause(100);
		const closed = server.close();
		expect((await send(connect(), 'traces', traces(span))).code).toBe(status.UNAVAILABLE);
		gate.resolve();
		expect(await under).toMatchObject({ code: status.OK });
		await closed;
		expect(blocks).toHaveLength(1);
	});

	test('a request that never ends is cut when the time is up', async () => {
		const { server, client } = await world({ append: () => new Promise(() => undefined), drainMs: 100 });
		const under = send(client, 'traces', traces(span));
		await pause(100);
		await server.close();
		expect([status.UNAVAILABLE, status.CANCELLED]).toContain((await under).code);
	});

	test('connections without requests do not hold it up, nor do those that never said a word', async () => {
		const { server, client } = await world({ drainMs: 600_000 });
		await send(client, 'traces', traces(span));
		const [host, port] = server.address.split(':');
		const silent = connectTcp(Number(port), host);
		silent.on('error', () => undefined);
		await new Promise<void>((resolve) => silent.once('connect', resolve));
		await expect(server.close()).resolves.toBeUndefined();
	});
});

test('a port that is taken is reported with the flag that names another', async () => {
	const { server } = await world();
	const port = Number(server.address.split(':')[1]);
	await expect(world({ port })).rejects.toThrow(
		`port ${port} on 127.0.0.1 is taken; choose another with --otlp-grpc-port, or 0 for any free one`,
	);
});
