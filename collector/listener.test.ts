import { Agent, request } from 'node:http';
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
