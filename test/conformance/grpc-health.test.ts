import { status } from '@grpc/grpc-js';
import type { Client, StatusObject } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { decodeProto, encodeProto } from '../support/otlp-proto.ts';
import { world, SERVICES, asSent, unary, until } from './grpc-world.ts';

describe('health', () => {
	const check = (client: Client, service: string) =>
		unary(client, '/grpc.health.v1.Health/Check', encodeProto('HealthCheckRequest', { service }));
	const servingOf = (bytes: Uint8Array) => decodeProto('HealthCheckResponse', bytes)['status'];

	test.each(['', ...Object.values(SERVICES)])('of "%s" is what the store says', async (service) => {
		let isReady = true;
		const checkReady = () => (isReady ? Promise.resolve() : Promise.reject(new Error('away')));
		const { client, events } = await world({ checkReady });
		expect(servingOf((await check(client, service)).body!)).toBe(1);
		isReady = false;
		expect(servingOf((await check(client, service)).body!)).toBe(2);
		expect(events).toEqual([]);
	});

	test('of a service that is not there is NOT_FOUND', async () => {
		const { client } = await world();
		expect((await check(client, 'cats')).code).toBe(status.NOT_FOUND);
	});

	test('a damaged request is INVALID_ARGUMENT', async () => {
		const { client } = await world();
		const answer = await unary(client, '/grpc.health.v1.Health/Check', Uint8Array.of(0x0a, 9));
		expect(answer.code).toBe(status.INVALID_ARGUMENT);
	});

	test('a watch is told at once, and when the listener closes', async () => {
		// Were the watch waited for, this would be too long for a test.
		const { server, client } = await world({ drainMs: 600_000 });
		const told: unknown[] = [];
		const call = client.makeServerStreamRequest(
			'/grpc.health.v1.Health/Watch',
			asSent,
			(bytes: Buffer) => servingOf(bytes),
			new Uint8Array(),
		);
		call.on('data', (serving) => told.push(serving));
		const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve));
		call.on('error', () => undefined);
		await until(() => told.length === 1);
		await server.close();
		expect((await ended).code).toBe(status.OK);
		expect(told).toEqual([1, 2]);
	});

	test('a watch of a service that is not there is told so, and stays', async () => {
		const { client } = await world();
		const call = client.makeServerStreamRequest(
			'/grpc.health.v1.Health/Watch',
			asSent,
			(bytes: Buffer) => servingOf(bytes),
			encodeProto('HealthCheckRequest', { service: 'cats' }),
		);
		call.on('error', () => undefined);
		const first = await new Promise((resolve) => call.once('data', resolve));
		expect(first).toBe(3);
		call.cancel();
	});
});
