import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, request } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { listen } from './listener.ts';

interface Answer {
	status: number;
	isLast: boolean;
}

/** One request over a connection that is kept; nothing when the connection ended without an answer. */
function post(url: string, agent: Agent, id: string): Promise<Answer | undefined> {
	const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
	const outgoing = request(`${url}/${id}`, { agent, method: 'POST' }, (response) => {
		response.resume().once('error', () => resolve(undefined));
		response.once('end', () =>
			resolve({ status: response.statusCode ?? 0, isLast: response.headers.connection === 'close' }),
		);
	});
	outgoing.once('error', () => resolve(undefined));
	outgoing.end(Buffer.alloc(2000));
	return promise;
}

test('whoever was heard is answered, though clients keep their connections and go on', async () => {
	const handled = new Set<string>();
	const app = new Hono().post('/:id', async (c) => {
		await c.req.arrayBuffer();
		handled.add(c.req.param('id'));
		await pause(handled.size % 20);
		return c.text('taken');
	});
	const listener = await listen(app, { host: '127.0.0.1', port: 0, portFlag: '--port' });
	const agent = new Agent({ keepAlive: true });
	const answered = new Set<string>();
	let isClosing = false;
	let saidLast = 0;
	const client = async (name: number) => {
		for (let at = 0; ; at += 1) {
			const answer = await post(listener.url, agent, `${name}-${at}`);
			if (answer === undefined && isClosing) return;
			expect(answer?.status).toBe(200);
			answered.add(`${name}-${at}`);
			if (answer?.isLast) saidLast += 1;
		}
	};
	const clients = Array.from({ length: 8 }, (_, name) => client(name));
	while (handled.size < 100) await pause(1);
	isClosing = true;
	await listener.close();
	await Promise.all(clients);
	agent.destroy();

	expect([...handled].filter((id) => !answered.has(id))).toEqual([]);
	expect(saidLast).toBeGreaterThan(0);
});

test('an answer whose head has left is ended, and its connection with it', async () => {
	const { promise: isOver, resolve: finish } = Promise.withResolvers<void>();
	const app = new Hono().get('/stream', () => {
		const body = new ReadableStream({
			async start(controller) {
				controller.enqueue(new TextEncoder().encode('first '));
				await isOver;
				controller.enqueue(new TextEncoder().encode('last'));
				controller.close();
			},
		});
		return new Response(body);
	});
	const listener = await listen(app, { host: '127.0.0.1', port: 0, portFlag: '--port' });
	const response = await fetch(`${listener.url}/stream`);
	const closed = listener.close();
	finish();
	expect(await response.text()).toBe('first last');
	await closed;
});

/** Listens, and finds Node's own server behind it. */
async function listening(refused?: (reason: string) => void) {
	const found = Promise.withResolvers<Server>();
	const note = (message: unknown): void => found.resolve((message as { server: Server }).server);
	const app = new Hono().get('/', (c) => c.text('here'));
	const listener = await listen(app, { host: '127.0.0.1', port: 0, portFlag: '--port', ...(refused && { refused }) });
	subscribe('http.server.request.start', note);
	const answer = await fetch(listener.url);
	unsubscribe('http.server.request.start', note);
	await answer.text();
	return { listener, server: await found.promise, answer };
}

test('a connection outlives the pauses of senders, and heads and bodies have an end', async () => {
	const { listener, server, answer } = await listening();
	expect(answer.headers.get('keep-alive')).toBe('timeout=75');
	const { keepAliveTimeout, headersTimeout, requestTimeout, maxConnections } = server;
	expect({ keepAliveTimeout, headersTimeout, requestTimeout, maxConnections }).toEqual({
		keepAliveTimeout: 75_000,
		headersTimeout: 10_000,
		requestTimeout: 60_000,
		maxConnections: 10_000,
	});
	await listener.close();
});

test('a connection beyond those that there may be is ended and told of', async () => {
	const refusals: string[] = [];
	const { listener, server } = await listening((reason) => refusals.push(reason));
	server.maxConnections = 0;
	const socket = connect(Number(new URL(listener.url).port), '127.0.0.1');
	await new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
	expect(refusals).toEqual(['connections']);
	await listener.close();
});

test.each([
	[64, 200, []],
	[65, 431, ['headers']],
	[500, 431, ['headers']],
])('a request of %i header fields is %i', async (fields, status, expected) => {
	const refusals: string[] = [];
	const { listener } = await listening((reason) => refusals.push(reason));
	const socket = connect(Number(new URL(listener.url).port), '127.0.0.1');
	const more = Array.from({ length: fields - 2 }, (_, at) => `X-${at}: a\r\n`).join('');
	socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${more}\r\n`);
	let answer = '';
	socket.on('data', (chunk) => (answer += chunk.toString()));
	await new Promise((resolve) => socket.once('close', resolve));
	expect(answer).toContain(`HTTP/1.1 ${status} `);
	expect(refusals).toEqual(expected);
	await listener.close();
});
