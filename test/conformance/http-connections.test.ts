import { Agent, request } from 'node:http';
import { afterAll, expect, test } from 'vitest';
import { listen } from '../../collector/listener.ts';
import { closeWorlds, world } from '../support/otlp-http-world.ts';

afterAll(closeWorlds);

test('over a kept connection, what is refused halfway is answered, and so is the next request', async () => {
	const { app } = world({ limits: { maxBodyBytes: 200_000, retentionMs: 7 * 86_400_000 } });
	const listener = await listen(app, { host: '127.0.0.1', port: 0, portFlag: '--otlp-http-port' });
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const post = (bytes: number, announced: boolean): Promise<number | undefined> => {
		const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
		const headers = { 'content-type': 'application/json', ...(announced ? { 'content-length': bytes } : {}) };
		const sent = request(`${listener.url}/v1/traces`, { method: 'POST', agent, headers }, (answer) => {
			answer.resume();
			answer.once('end', () => resolve(answer.statusCode));
		});
		sent.once('error', reject);
		for (let left = bytes; left > 0; left -= 50_000) sent.write(Buffer.alloc(Math.min(50_000, left), ' '));
		sent.end();
		return promise;
	};
	expect(await post(1_000_000, false)).toBe(413);
	expect(await post(1_000_000, true)).toBe(413);
	expect(await post(50_000, false)).toBe(400); // Blanks are no JSON.
	agent.destroy();
	await listener.close();
});
