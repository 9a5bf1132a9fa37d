/** Smallest apps, with the SDK from its tarball, as ES modules with `--import` and as CommonJS with `--require`. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReceivedSpan } from './otlp-receiver.ts';
import { unpackSdk } from './packed-sdk.ts';
import type { Stranger } from './packed-sdk.ts';
import { runApp } from './run-app.ts';

const SERVER = 2;
let stranger: Stranger;

beforeAll(async () => void (stranger = await unpackSdk(new URL('frameworks/', import.meta.url))), 120_000);
afterAll(() => stranger[Symbol.dispose]());

const WAYS = [
	['esm', '--import'],
	['commonjs', '--require'],
] as const;

async function run(modules: string, preload: '--import' | '--require', framework: string): Promise<ReceivedSpan[]> {
	const { folder } = stranger;
	const { code, stderr, spans } = await runApp(`${modules}/${framework}.js`, {
		folder,
		preload,
		env: { SPANHOUSE_BAGGAGE: 'user.id, tenant.id' },
	});
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	return spans;
}

/** The app's own span, with the line that it was begun at and the user of the request. */
function expectOwnSpan(spans: ReceivedSpan[], path: string): ReceivedSpan {
	const own = spans.find(({ name }) => name === 'price the cart');
	expect(own?.attributes).toMatchObject({
		'code.file.path': realpathSync(join(stranger.folder, path)),
		'code.line.number': expect.any(Number) as number,
		'user.id': '7',
	});
	return own!;
}

for (const [modules, preload] of WAYS) {
	test.concurrent.each([
		['express', '/carts/:id'],
		['fastify', '/carts/:id'],
		['hono', '/carts/:id'],
		['next-like', '/carts/[id]'],
	])(`%s as ${modules}: the request by its route, and spans of one's own below it`, async (framework, route) => {
		const spans = await run(modules, preload, framework);
		const servers = spans.filter(({ kind }) => kind === SERVER);
		expect(servers).toHaveLength(1);
		expect(servers[0]).toMatchObject({
			name: `GET ${route}`,
			service: `${modules}-frameworks`,
			attributes: { 'http.route': route, 'http.response.status_code': 200, 'user.id': '7' },
		});
		const file = framework === 'next-like' ? 'next-like-route' : framework;
		const own = expectOwnSpan(spans, `${modules}/${file}.js`);
		expect(own.traceId).toBe(servers[0]!.traceId);
		const parents = new Map(spans.map((span) => [span.spanId, span]));
		let above: ReceivedSpan | undefined = own;
		while (above !== undefined && above.kind !== SERVER) above = parents.get(above.parentSpanId ?? '');
		expect(above).toBe(servers[0]);
	});

	test.concurrent(`a worker thread as ${modules} is traced, and continues what it is handed`, async () => {
		const spans = await run(modules, preload, 'worker');
		const own = expectOwnSpan(spans, `${modules}/worker.js`);
		const ordered = spans.find(({ name }) => name === 'order a price');
		expect(own).toMatchObject({ traceId: ordered?.traceId, parentSpanId: ordered?.spanId });
	});
}
