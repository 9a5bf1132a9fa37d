/** Faults of the network between clients and the collector, and more clients than it can serve. */
import { connect as connectHttp2, constants } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { FaultWorld } from './fault-world.ts';
import { expectOnly, expectRetryAfter } from './kills.ts';
import { usualClients } from './ledger.ts';
import type { Scenario } from './scenario.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** As large as a request may be, unless told otherwise. */
const mostBytes = 64 * 1024 ** 2;

/** F10: connections that say nothing, or half of something, or that much will come and then nothing; others are served. */
export const slowConnections: Scenario = {
	name: 'F10 connections that never finish',
	rounds: { short: 200, long: 2_000 },
	run: async ({ rounds, load, open }) => {
		const world = await open();
		await world.start();
		const sockets: Socket[] = [];
		for (let index = 0; index < rounds; index += 1) {
			const socket = connect(index % 3 === 0 ? world.ports.grpc : world.ports.http, '127.0.0.1');
			socket.on('error', () => undefined);
			if (index % 3 === 1) socket.write('POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Ty');
			if (index % 3 === 2) socket.write(`${requestHead(mostBytes)}ab`);
			sockets.push(socket);
		}
		const session = stalledCalls(world.ports.grpc, Math.min(rounds, 100));
		const clients = usualClients(world, load);
		await pause(3_000);
		await clients.stop();
		for (const socket of sockets) socket.destroy();
		session.destroy();
		expectOnly(world, [200]);
		return { world, ackAtMostMs: 1_000 };
	},
};

const exportHeaders = {
	':method': 'POST',
	':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
	'content-type': 'application/grpc',
	te: 'trailers',
};

/** F10: clients that take back what they began, or go away in the middle of it, or stop reading; others are served. */
export const brokenConnections: Scenario = {
	name: 'F10 connections that are cut, reset or not read',
	rounds: { short: 60, long: 2_000 },
	run: async ({ rounds, random, load, open }) => {
		const world = await open();
		await world.start();
		const clients = usualClients(world, load);
		const halfOpen: Socket[] = [];
		for (let round = 0; round < rounds; round += 1) {
			const { body } = world.ledger.make(20, { transport: 'protobuf' }).message;
			if (round % 3 === 0) await resetStreams(world.ports.grpc, body);
			if (round % 3 === 1) await cutOff(world.ports.http, body, random());
			if (round % 3 === 2) halfOpen.push(neverRead(world.ports.http, body));
		}
		await clients.stop();
		for (const socket of halfOpen) socket.destroy();
		expectOnly(world, [200]);
		return { world, ackAtMostMs: 1_000 };
	},
};

/** So many calls over one connection, each with the first bytes of a message that is as large as there may be. */
function stalledCalls(port: number, calls: number): ClientHttp2Session {
	const session = connectHttp2(`http://127.0.0.1:${port}`);
	session.on('error', () => undefined);
	const prefix = Buffer.alloc(7);
	prefix.writeUInt32BE(mostBytes, 1);
	for (let index = 0; index < calls; index += 1) {
		const stream = session.request(exportHeaders);
		stream.on('error', () => undefined);
		stream.write(prefix);
	}
	return session;
}

/** Streams that are begun and reset at once, a hundred on a connection: CVE-2023-44487. */
async function resetStreams(port: number, body: Uint8Array): Promise<void> {
	const session = connectHttp2(`http://127.0.0.1:${port}`);
	session.on('error', () => undefined);
	for (let index = 0; index < 100; index += 1) {
		const stream = session.request(exportHeaders);
		stream.on('error', () => undefined);
		stream.write(body.subarray(0, index));
		stream.close(constants.NGHTTP2_CANCEL);
	}
	await closed(session);
}

async function closed(session: ClientHttp2Session): Promise<void> {
	const { promise, resolve } = Promise.withResolvers<void>();
	session.once('close', resolve);
	setTimeout(() => session.destroy(), 20);
	await promise;
}

const requestHead = (length: number): string =>
	`POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: ${length}\r\n\r\n`;

/** Goes away after a share of the body; nobody was told that the spans were taken. */
async function cutOff(port: number, body: Uint8Array, share: number): Promise<void> {
	const socket = connect(port, '127.0.0.1');
	socket.on('error', () => undefined);
	socket.write(requestHead(body.byteLength));
	socket.write(body.subarray(0, Math.floor(body.byteLength * share)));
	await pause(5);
	socket.resetAndDestroy();
}

/** Sends one whole request and never takes the answer. */
function neverRead(port: number, body: Uint8Array): Socket {
	const socket = connect(port, '127.0.0.1');
	socket.on('error', () => undefined);
	socket.pause();
	socket.write(requestHead(body.byteLength));
	socket.write(body);
	return socket;
}

/** Of 1.5 MiB, most of which is cut from the spans that are kept: 300 of them are far more than may be received at once, 128 MiB at most. */
const large = { transport: 'protobuf', padding: 512 * 1024 } as const;
const spansOfLarge = 3;
/** Until all of them have arrived but for their ends. */
const heldBackMs = 500;
/** Clients at once: of whom all find room, and of whom not. */
const [few, crowd] = [32, 300];

/**
 * F11: far more than it can take: whatever is refused is refused at once and to be sent again, nothing is lost, and what is
 * taken meanwhile is not much less than without the crowd.
 */
export const overload: Scenario = {
	name: 'F11 300 large bodies at once',
	rounds: { short: 1, long: 10 },
	run: async ({ rounds, open }) => {
		const world = await open();
		await world.start();
		let [usual, crowded, slowestMs] = [0, 0, 0];
		for (let round = 0; round < rounds; round += 1) {
			usual += await takenPerSecond(world, few);
			crowded += await takenPerSecond(world, crowd);
			const beganMs = performance.now();
			await world.ledger.deliver(
				() => world.listeners,
				25,
				() => false,
			);
			slowestMs = Math.max(slowestMs, performance.now() - beganMs);
		}
		expectOnly(world, [200, 503]);
		expectRetryAfter(world);
		if (!world.ledger.statuses.has(503)) throw new Error('all found room: nothing was refused');
		return {
			world,
			// From the beginning of a request on, which is held back.
			refusedAtMostMs: heldBackMs + 1_000,
			bounds: [
				{ what: 'taken of what 32 clients get through', value: (100 * crowded) / usual, unit: '%', atLeast: 50 },
				{ what: 'taken again after the crowd within', value: slowestMs / 1_000, unit: 's', atMost: 10 },
			],
		};
	},
};

/** So many requests, whose last bytes come when all the others have been there: how many are taken in a second. */
async function takenPerSecond({ ledger, listeners }: FaultWorld, clients: number): Promise<number> {
	const made = Array.from({ length: clients }, () => ledger.make(spansOfLarge, large));
	const rest = Promise.withResolvers<void>();
	const beganMs = performance.now();
	const answers = made.map(async ({ entry, message }) => {
		const { status } = await ledger.post(listeners, message, rest.promise);
		entry.isAcknowledged = status === 200;
		return status;
	});
	await pause(heldBackMs);
	// On a busy machine they take longer to arrive than that: a crowd is there when the first of it finds no room.
	if (clients === crowd) await Promise.race(answers);
	rest.resolve();
	const statuses = await Promise.all(answers);
	return statuses.filter((status) => status === 200).length / ((performance.now() - beganMs) / 1_000);
}
