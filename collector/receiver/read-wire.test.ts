/** Senders that stop in the middle of a body, or are slow about it. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, test } from 'vitest';
import { listen } from '../listener.ts';
import { IngestRoom } from './request-room.ts';
import { bodyOf, closeWorlds, post, world } from '../../test/support/otlp-http-world.ts';

const MiB = 1024 ** 2;
const JSON_TYPE = 'application/json';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});
afterAll(closeWorlds);

const limitsOf = (windowMs: number) => ({
	maxBodyBytes: 64 * MiB,
	retentionMs: 7 * 86_400_000,
	leastPace: { bytesPerSecond: 1_000, windowMs },
});

/** Both listeners, on sockets. */
async function listening(room: IngestRoom, windowMs: number) {
	const made = world({ room, limits: limitsOf(windowMs) });
	const open = async (app: typeof made.app) => {
		const listener = await listen(app, { host: '127.0.0.1', port: 0, portFlag: '--port' });
		closing.push(() => listener.close());
		return Number(new URL(listener.url).port);
	};
	return { ...made, otlpPort: await open(made.app), zipkinPort: await open(made.zipkin) };
}

const head = (path: string, length: string) =>
	`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${JSON_TYPE}\r\n${length}\r\n\r\n`;

/** Writes the pieces one after another, and resolves with all that comes until the other side ends the connection. */
async function talk(port: number, pieces: readonly string[], betweenMs = 0): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	let answer = '';
	socket.on('data', (chunk) => (answer += chunk.toString()));
	socket.on('error', reject).on('close', () => resolve(answer));
	for (const piece of pieces) {
		socket.write(piece);
		if (betweenMs > 0) await pause(betweenMs);
	}
	return promise;
}

const announced = 'Content-Length: 67108864';
const chunked = 'Transfer-Encoding: chunked';

test('who announces as much as there may be and sends nothing takes no room from others', async () => {
	const room = new IngestRoom(128 * MiB);
	const { otlpPort, zipkinPort } = await listening(room, 60_000);
	const sockets = [otlpPort, otlpPort, zipkinPort, zipkinPort].map((port) => connect(port, '127.0.0.1'));
	for (const [at, socket] of sockets.entries()) {
		socket.write(`${head(at < 2 ? '/v1/traces' : '/api/v2/spans', announced)}ab`);
	}
	await expect.poll(() => room.bytesInFlight.heldBytes).toBe(8);
	const headers = { 'content-type': JSON_TYPE };
	for (let at = 0; at < 3; at += 1) {
		const body = Buffer.from(bodyOf('traces', JSON_TYPE));
		const answer = await fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, { method: 'POST', headers, body });
		expect(answer.status).toBe(200);
	}
	for (const socket of sockets) socket.destroy();
	await expect.poll(() => room.bytesInFlight.heldBytes).toBe(0);
});

test.each([
	['OTLP, with its length', '/v1/traces', `${head('/v1/traces', announced)}ab`],
	['OTLP, without', '/v1/traces', `${head('/v1/traces', chunked)}2\r\nab\r\n`],
	['Zipkin', '/api/v2/spans', `${head('/api/v2/spans', announced)}ab`],
])('a body that stops coming is 408, and its connection ends: %s', async (_, path, start) => {
	const room = new IngestRoom(128 * MiB);
	const { otlpPort, zipkinPort, events } = await listening(room, 50);
	const answer = await talk(path === '/v1/traces' ? otlpPort : zipkinPort, [start]);
	expect(answer).toMatch(/^HTTP\/1\.1 408 /);
	expect(answer).toMatch(/^connection: close/im);
	expect(answer).toContain('the body came more slowly than 1000 bytes a second');
	expect(room.bytesInFlight.heldBytes).toBe(0);
	expect(events).toContainEqual(['answered', 408]);
});

test('a body that comes slowly, but comes, is taken', async () => {
	const { otlpPort, blocks } = await listening(new IngestRoom(128 * MiB), 500);
	const body = Buffer.from(bodyOf('traces', JSON_TYPE)).toString().padEnd(6_000);
	const pieces = Array.from({ length: 6 }, (_, at) => body.slice(at * 1_000, at * 1_000 + 1_000));
	const lengths = `Connection: close\r\nContent-Length: ${body.length}`;
	const answer = await talk(otlpPort, [head('/v1/traces', lengths), ...pieces], 100);
	expect(answer).toMatch(/^HTTP\/1\.1 200 /);
	expect(blocks).toHaveLength(1);
});

test('all listeners inflate a few bodies at a time, together', async () => {
	const room = new IngestRoom(128 * MiB);
	const { app, zipkin } = world({ room });
	const gate = Promise.withResolvers<void>();
	for (let at = 0; at < 4; at += 1) void room.inflating.run(() => gate.promise);
	const packed = { 'content-encoding': 'gzip' };
	const answers = [
		post(app, '/v1/traces', JSON_TYPE, gzipSync(bodyOf('traces', JSON_TYPE)), packed),
		post(zipkin, '/api/v2/spans', JSON_TYPE, gzipSync('[]'), packed),
	].map(async (answer) => (await answer).status);
	expect(await Promise.race([...answers, pause(50, 'waiting')])).toBe('waiting');
	gate.resolve();
	expect(await Promise.all(answers)).toEqual([200, 202]);
});

test('what one listener holds is not there for another', async () => {
	const room = new IngestRoom(1_000);
	const { app, zipkin } = world({ room });
	room.bytesInFlight.hold(999);
	const answers = [
		await post(app, '/v1/traces', JSON_TYPE, bodyOf('traces', JSON_TYPE)),
		await post(zipkin, '/api/v2/spans', JSON_TYPE, '[]'),
	];
	expect(answers.map(({ status }) => status)).toEqual([503, 503]);
});
