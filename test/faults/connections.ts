/** Faults of the network between clients and the collector, and more clients than it can serve. */
import { connect as connectHttp2, constants } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { FaultWorld } from './fault-world.ts';
import { expectOnly } from './kills.ts';
import { Clients } from './ledger.ts';
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
		const clients = new Clients(world.ledger, () => world.url, load);
		await pause(3_000);
		await clients.stop();
		for (const socket of sockets) socket.destroy();
		session.destroy();
		expectOnly(world, [200]);
		return { world };
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
		const clients = new Clients(world.ledger, () => world.url, load);
		const halfOpen: Socket[] = [];
		for (let round = 0; round < rounds; round += 1) {
			const { body } = world.ledger.make(20);
			if (round % 3 === 0) await resetStreams(world.ports.grpc, body);
			if (round % 3 === 1) await cutOff(world.ports.http, body, random());
			if (round % 3 === 2) halfOpen.push(neverRead(world.ports.http, body));
		}
		await clients.stop();
		for (const socket of halfOpen) socket.destroy();
		expectOnly(world, [200]);
		return { world };
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

/**
 * F11: far more than it can take: whatever is refused is refused at once and to be sent again, nothing is lost, and what is
 * taken meanwhile is about as much as without the crowd.
 */
export const overload: Scenario = {
	name: 'F11 300 clients without a pause, 2 s',
	rounds: { short: 1, long: 10 },
	run: async ({ rounds, open }) => {
		const world = await open();
		await world.start();
		let [usual, crowded] = [0, 0];
		for (let round = 0; round < rounds; round += 1) {
			usual += await acceptedBy(world, 32);
			crowded += await acceptedBy(world, 300);
		}
		expectOnly(world, [200, 503]);
		return { world, notes: [`${((100 * crowded) / usual).toFixed(0)} % of what 32 clients get through`] };
	},
};

/** Requests that so many clients get through in two seconds. */
async function acceptedBy(world: FaultWorld, clients: number): Promise<number> {
	const before = world.ledger.statuses.get(200) ?? 0;
	const crowd = new Clients(world.ledger, () => world.url, { clients, spans: 100, pauseMs: 0 });
	await pause(2_000);
	const accepted = (world.ledger.statuses.get(200) ?? 0) - before;
	await crowd.stop();
	return accepted;
}
