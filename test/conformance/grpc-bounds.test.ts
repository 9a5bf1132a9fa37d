import { connect as connectHttp2 } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { IngestRoom } from '../../collector/receiver/request-room.ts';
import { openSpanBlock } from '../../collector/spool/span-block-codec.ts';
import { makePayloads } from '../bench/otlp-payload.ts';
import {
	span,
	world,
	path,
	unary,
	send,
	retryInfo,
	traces,
	PACKINGS,
	until,
	grpcHeaders,
	frame,
	rawCall,
	openCall,
} from './grpc-world.ts';
import type { Answer } from './grpc-world.ts';

test('a message of several MiB is decoded in a thread and stored whole, and its sizes are told', async () => {
	const [payload] = makePayloads({ spansPerRequest: 8_000, requests: 1, seed: 2, encoding: 'protobuf' });
	const { connect, blocks, events } = await world();
	expect(await send(connect(PACKINGS.gzip), 'traces', payload!.body)).toMatchObject({ code: status.OK });
	expect(blocks[0]!.rows).toBe(8_000);
	const packed = await promisify(gzip)(payload!.body);
	const [, received] = events[0]!;
	expect(received).toMatchObject({ contentEncoding: 'gzip', bytes: payload!.body.length });
	expect((received as { wireBytes: number }).wireBytes / packed.length).toBeCloseTo(1, 1);
});

test('a bomb of 100 MB of zeros is refused while it is inflated', async () => {
	const { server } = await world();
	const bomb = await promisify(gzip)(new Uint8Array(100_000_000));
	expect(await rawCall(server, { body: frame(1, bomb), encoding: 'gzip' })).toMatchObject({ code: 8 });
});

test('an answer that is late asks to come again, and what comes to the disk then is counted', async () => {
	const gate = Promise.withResolvers<void>();
	const fingerprint = () => new Uint8Array(16);
	const { client, events } = await world({ answerWithinMs: 10, append: () => gate.promise, fingerprint });
	const late = await send(client, 'traces', traces(span));
	expect(late).toMatchObject({ code: status.UNAVAILABLE, message: expect.stringContaining('send it again') });
	expect(retryInfo(late)).toEqual([{ retryDelay: { seconds: '5' } }]);
	gate.resolve();
	await until(() => events.some(([name]) => name === 'spansAccepted'));
});

describe('room for messages', () => {
	test('is bounded: what does not fit is asked to come again, and fits once others are done', async () => {
		const gate = Promise.withResolvers<void>();
		const { client, events } = await world({ append: () => gate.promise, maxBytesInFlight: 2_000 });
		const large = traces({ ...span, name: 'x'.repeat(1_500) });
		const first = send(client, 'traces', large);
		await until(() => events.length > 0);
		const second = await send(client, 'traces', large);
		expect(second.code).toBe(status.UNAVAILABLE);
		expect(retryInfo(second)).toEqual([{ retryDelay: { seconds: '5' } }]);
		expect(await send(client, 'metrics', new Uint8Array())).toMatchObject({ code: status.OK });
		gate.resolve();
		expect(await first).toMatchObject({ code: status.OK });
		expect(await send(client, 'traces', large)).toMatchObject({ code: status.OK });
	});

	test('is held by what has come of a message, and given back when the client goes away', async () => {
		const { server, client, events } = await world({ maxBytesInFlight: 10_000 });
		const session = connectHttp2(`http://${server.address}`);
		const slow = session.request(grpcHeaders(path('traces')));
		slow.on('error', () => undefined);
		const message = frame(0, new Uint8Array(9_500));
		slow.write(message.subarray(0, 100));
		const small = traces({ ...span, name: 'x'.repeat(1_000) });
		expect(await send(client, 'traces', small)).toMatchObject({ code: status.OK });
		slow.write(message.subarray(100, 9_400));
		let refused: Answer | undefined;
		for (let i = 0; i < 100 && refused?.code !== status.UNAVAILABLE; i++) refused = await send(client, 'traces', small);
		expect(refused!.code).toBe(status.UNAVAILABLE);
		session.destroy();
		await until(() => events.some(([, detail]) => (detail as { status?: number }).status === 400));
		expect(await send(client, 'traces', small)).toMatchObject({ code: status.OK });
	});

	test('is not looked for in vain: a message that says it is larger is refused before it comes', async () => {
		const room = new IngestRoom(10_000);
		const { server } = await world({ room });
		room.bytesInFlight.hold(5_000);
		const call = openCall(server, frame(0, new Uint8Array(6_000)).subarray(0, 5));
		expect(await call).toMatchObject({ code: status.UNAVAILABLE });
		expect(room.bytesInFlight.heldBytes).toBe(5_000);
	});

	test('is given back by a message that comes too slowly, and its call ends', async () => {
		const room = new IngestRoom(10_000);
		const leastPace = { bytesPerSecond: 1_000, windowMs: 50 };
		const limits = { maxBodyBytes: 64 * 1024 ** 2, retentionMs: 1, leastPace };
		const { server, events } = await world({ room, limits });
		const message = frame(0, new Uint8Array(20_000));
		expect(await openCall(server, message.subarray(0, 40))).toEqual({
			code: status.DEADLINE_EXCEEDED,
			message: 'the body came more slowly than 1000 bytes a second',
		});
		await until(() => events.some(([, detail]) => (detail as { status?: number }).status === 408));
		expect(room.bytesInFlight.heldBytes).toBe(0);
	});

	test('is given back where a whole message waits for its end in vain', async () => {
		const room = new IngestRoom(10_000);
		const leastPace = { bytesPerSecond: 1_000, windowMs: 50 };
		const { server } = await world({ room, limits: { maxBodyBytes: 10_000, retentionMs: 1, leastPace } });
		expect(await openCall(server, frame(0, traces(span)))).toMatchObject({ code: status.DEADLINE_EXCEEDED });
		expect(room.bytesInFlight.heldBytes).toBe(0);
	});

	test('is asked for again when a message is unpacked', async () => {
		const gate = Promise.withResolvers<void>();
		const { server, client, events } = await world({ append: () => gate.promise, maxBytesInFlight: 20_000 });
		const first = send(client, 'traces', traces({ ...span, name: 'x'.repeat(10_000) }));
		await until(() => events.length > 0);
		const bomb = await promisify(gzip)(new Uint8Array(1_000_000));
		const answers = await Promise.all(
			Array.from({ length: 5 }, () => rawCall(server, { body: frame(1, bomb), encoding: 'gzip' })),
		);
		expect(answers.map(({ code }) => code)).toEqual([14, 14, 14, 14, 14]);
		gate.resolve();
		expect(await first).toMatchObject({ code: status.OK });
	});

	test('is given back by every kind of call', async () => {
		const { server, client } = await world({
			maxBytesInFlight: 5_000,
			limits: { maxBodyBytes: 4_000, retentionMs: 1 },
		});
		for (let i = 0; i < 20; i++) {
			await send(client, 'traces', traces({ ...span, name: 'x'.repeat(1_500) }));
			await send(client, 'traces', Uint8Array.of(0x0a, 0x7f, ...new Uint8Array(1_500)));
			await send(client, 'traces', new Uint8Array(4_500));
			await unary(client, '/grpc.health.v1.Health/Check', new Uint8Array(1_500));
			await rawCall(server, { body: frame(1, new Uint8Array(1_000)), encoding: 'gzip' });
			await rawCall(server, { body: frame(0, new Uint8Array(1_000)).subarray(0, 500) });
		}
		expect(await send(client, 'traces', traces({ ...span, name: 'x'.repeat(3_000) }))).toMatchObject({
			code: status.OK,
		});
	});
});

test('a deadline that passes is DEADLINE_EXCEEDED, and the room comes back', async () => {
	const gate = Promise.withResolvers<void>();
	const { client, blocks } = await world({
		append: async ({ frame }) => {
			const block = openSpanBlock(frame);
			await gate.promise;
			blocks.push(block);
		},
		maxBytesInFlight: 200,
	});
	const answer = await unary(client, path('traces'), traces({ ...span, name: 'x'.repeat(120) }), 150);
	expect(answer.code).toBe(status.DEADLINE_EXCEEDED);
	gate.resolve();
	await until(() => blocks.length === 1);
	expect(await send(client, 'traces', traces({ ...span, name: 'x'.repeat(120) }))).toMatchObject({ code: status.OK });
});
