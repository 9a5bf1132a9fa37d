/** Zipkin's reporters, through the listener of the real product. */
import { gzipSync } from 'node:zlib';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OtlpTracesData } from '../../schema/otlp-json.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';

let product: Product;
let url: string;
beforeAll(async () => {
	product = await startProduct({
		args: ['--ephemeral', '--zipkin-port', '0', '--max-request-bytes', '64kB', '--cors-origins', 'https://a.example'],
	});
	url = `${(product.ready as unknown as { zipkin: string }).zipkin}/api/v2/spans`;
}, 120_000);
afterAll(async () => void (await product?.stop()));

const json = { 'content-type': 'application/json' };
const span = (over: object = {}) => ({
	traceId: '463ac35c9f6413ad48485a3953bb6124',
	id: 'a2fb4a1d1a96d312',
	name: 'get',
	timestamp: Date.now() * 1_000,
	duration: 5_000,
	localEndpoint: { serviceName: 'frontend' },
	...over,
});
const post = (body: string | Buffer, headers: Record<string, string> = json) =>
	fetch(url, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) });

async function stored(traceId: string): Promise<OtlpTracesData> {
	return until(async () => {
		const answer = await fetch(`${product.ready.ui}/api/v1/traces/${traceId}/otlp`);
		return answer.status === 200 ? ((await answer.json()) as OtlpTracesData) : undefined;
	}, 'the trace in ClickHouse');
}

test('spans are accepted with 202, packed or not, and are there as a trace; a retry is stored once', async () => {
	const body = JSON.stringify([span()]);
	for (const headers of [json, { ...json, 'content-type': 'application/json; charset=utf-8' }]) {
		const answer = await post(body, headers);
		expect([answer.status, await answer.text()]).toEqual([202, '']);
	}
	const child = [span({ id: '0000000000000001', parentId: 'a2fb4a1d1a96d312' })];
	expect((await post(gzipSync(JSON.stringify(child)), { ...json, 'content-encoding': 'gzip' })).status).toBe(202);
	const spans = await until(async () => {
		const all = (await stored(span().traceId)).resourceSpans.flatMap((each) => each.scopeSpans[0]!.spans);
		return all.length === 2 ? all : undefined;
	}, 'both spans');
	expect(spans.map(({ spanId }) => spanId).toSorted()).toEqual(['0000000000000001', 'a2fb4a1d1a96d312']);
});

test("OpenTelemetry's exporter for Zipkin can be pointed at it", async () => {
	const exporter = new ZipkinExporter({ url });
	const provider = new TracerProvider({
		resource: resourceFromAttributes({ 'service.name': 'checkout' }),
		spanProcessors: [new SimpleSpanProcessor({ exporter })],
	});
	const tracer = provider.getTracer('shop');
	const parent = tracer.startSpan('pay', { kind: SpanKind.SERVER, attributes: { amount: 7 } }, ROOT_CONTEXT);
	tracer.startSpan('charge', { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, parent)).end();
	parent.addEvent('paid').end();
	await provider.forceFlush();
	const { resourceSpans } = await until(async () => {
		const found = await stored(parent.spanContext().traceId);
		return found.resourceSpans.flatMap((each) => each.scopeSpans[0]!.spans).length === 2 ? found : undefined;
	}, 'both spans of the exporter');
	const spans = resourceSpans.flatMap((each) => each.scopeSpans[0]!.spans);
	expect(resourceSpans[0]!.resource.attributes).toEqual([{ key: 'service.name', value: { stringValue: 'checkout' } }]);
	const [pay, charge] = ['pay', 'charge'].map((name) => spans.find((each) => each.name === name)!);
	expect(pay).toMatchObject({ kind: 2, events: [expect.objectContaining({ name: 'paid' })] });
	expect(pay!.attributes).toContainEqual({ key: 'amount', value: { stringValue: '7' } });
	expect(charge).toMatchObject({ kind: 3, parentSpanId: pay!.spanId });
});

test('what was left out is counted, and the text of the answer says so', async () => {
	const answer = await post(JSON.stringify([span({ id: 'zz' })]));
	expect([answer.status, await answer.text()]).toEqual([
		202,
		'1 span rejected: span id is not 8 bytes that are not all zero',
	]);
});

describe('errors', () => {
	test.each([
		['damaged JSON', '[', json, 400],
		['another form', '{}', json, 400],
		['gzip that is none', 'x', { ...json, 'content-encoding': 'gzip' }, 400],
		['an unknown packing', '[]', { ...json, 'content-encoding': 'br' }, 400],
		['too much, as sent', `["${'x'.repeat(70_000)}"]`, json, 413],
		['thrift', 'x', { 'content-type': 'application/x-thrift' }, 415],
	])('%s', async (_, body, headers, status) => {
		const answer = await post(body, headers);
		expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=UTF-8']);
		expect(await answer.text()).not.toBe('');
	});

	test('too much once it is unpacked', async () => {
		const answer = await post(gzipSync(Buffer.alloc(1_000_000)), { ...json, 'content-encoding': 'gzip' });
		expect(answer.status).toBe(413);
	});

	test('another method, and another path, which names the right one', async () => {
		const get = await fetch(url);
		expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
		const v1 = await fetch(url.replace('v2', 'v1'), { method: 'POST', headers: json, body: '[]' });
		expect([v1.status, await v1.text()]).toEqual([404, 'Zipkin v2 spans are sent to /api/v2/spans']);
	});
});

test('nothing and an empty list are fine, for reporters ask that way whether anybody is there', async () => {
	expect((await post('[]')).status).toBe(202);
});

test('pages of allowed origins may send', async () => {
	const headers = { origin: 'https://a.example', 'access-control-request-method': 'POST' };
	const answer = await fetch(url, { method: 'OPTIONS', headers });
	expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([204, 'https://a.example']);
});

test('without the flag nothing listens for Zipkin', async () => {
	const other = await startProduct();
	expect('zipkin' in other.ready).toBe(false);
	await other.stop();
});
