/** New traces are told to those who follow: through the listener, the spool and ClickHouse of the real product. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveTraces } from '../../schema/api-live.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';

let product: Product;
beforeAll(async () => void (product = await startProduct()), 120_000);
afterAll(async () => void (await product?.stop()));

interface Heard {
	event: string;
	data: string;
	atMs: number;
}

/** An open stream, and all it has said. */
async function follow(query: string) {
	const over = new AbortController();
	const response = await fetch(`${product.ready.ui}/api/v1/live?${query}`, { signal: over.signal });
	expect(response.status).toBe(200);
	const heard: Heard[] = [];
	const reading = read(response, heard).catch(() => undefined);
	await until(async () => heard.find(({ event }) => event === 'ready'), 'ready');
	const ids = () =>
		heard
			.filter(({ event }) => event === 'traces')
			.flatMap(({ data }) => (JSON.parse(data) as LiveTraces).traces.map(({ traceId }) => traceId));
	return { heard, ids, leave: () => over.abort(), reading };
}

async function read(response: Response, heard: Heard[]): Promise<void> {
	let text = '';
	for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
		const parts = (text + chunk).split('\n\n');
		text = parts.pop() ?? '';
		for (const part of parts) {
			const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
			heard.push({ event, data, atMs: performance.now() });
		}
	}
}

/** Resolves when it is acknowledged. */
async function send(traceId: string, spanId: string, service: string, parentSpanId = ''): Promise<number> {
	const nano = `${Date.now()}000000`;
	const span = { traceId, spanId, parentSpanId, name: 'work', kind: 2, startTimeUnixNano: nano, endTimeUnixNano: nano };
	const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
	const answer = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
	});
	expect(answer.status).toBe(200);
	return performance.now();
}

const followers = async () =>
	/^spanhouse_live_followers (\d+)$/m.exec(await (await fetch(`${product.ready.ui}/metrics`)).text())?.[1];

test('a trace is told soon after its acknowledgement, to those whose query it matches, whole', async () => {
	const [all, shop] = await Promise.all([follow(''), follow('q=service:shop')]);
	const delays: number[] = [];
	for (let i = 1; i <= 5; i++) {
		const [traceId, other] = [`a${i}`.repeat(16), `b${i}`.repeat(16)];
		const ackedMs = await send(traceId, '1'.repeat(16), 'shop');
		await send(other, '2'.repeat(16), 'bank');
		const told = await until(async () => shop.heard.find(({ data }) => data.includes(traceId)), 'the trace');
		delays.push(told.atMs - ackedMs);
		await until(async () => all.ids().includes(other) || undefined, 'the other trace');
	}
	process.stdout.write(`told ${delays.map((ms) => Math.round(ms)).join(', ')} ms after the acknowledgement\n`);
	expect(shop.ids()).toEqual([1, 2, 3, 4, 5].map((i) => `a${i}`.repeat(16)));
	expect(new Set(all.ids()).size).toBe(10);
	const [first] = shop.heard.filter(({ event }) => event === 'traces');
	expect((JSON.parse(first?.data ?? '') as LiveTraces).traces[0]).toMatchObject({
		rootService: 'shop',
		rootOperation: 'work',
		spanCount: 1,
	});
	await send('a1'.repeat(16), '3'.repeat(16), 'bank', '1'.repeat(16));
	await until(async () => shop.heard.at(-1)?.data.includes('"spanCount":2') || undefined, 'the trace that has grown');
	all.leave();
	shop.leave();
	await Promise.all([all.reading, shop.reading]);
	await until(async () => ((await followers()) === '0' ? true : undefined), 'that nobody follows');
});

test('a product that stops ends the streams rather than wait for them', async () => {
	const one = await follow('');
	expect(await followers()).toBe('1');
	expect(await product.stop()).toBe(0);
	await one.reading;
});
