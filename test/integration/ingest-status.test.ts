/** What the real product says of what arrived: every span is somewhere, and each sender is known by its SDK. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IngestAnswer } from '../../schema/api-ingest.ts';
import type { StatusAnswer } from '../../schema/api-status.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';

let product: Product;
beforeAll(async () => void (product = await startProduct()), 120_000);
afterAll(async () => void (await product?.stop()));

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
let lastId = 0;

function spans(count: number, over: object = {}): object[] {
	const nowNano = String(BigInt(Date.now()) * 1_000_000n);
	return Array.from({ length: count }, () => ({
		traceId: 'ab'.repeat(16),
		spanId: (lastId += 1).toString(16).padStart(16, '0'),
		name: 'work',
		startTimeUnixNano: nowNano,
		endTimeUnixNano: nowNano,
		...over,
	}));
}

async function send(service: string, all: object[]): Promise<void> {
	const resource = {
		attributes: [
			text('service.name', service),
			text('service.namespace', 'shop'),
			text('telemetry.sdk.language', 'nodejs'),
			text('telemetry.sdk.name', 'opentelemetry'),
			text('telemetry.sdk.version', '2.1.0'),
		],
	};
	const scopeSpans = [{ scope: { name: '@opentelemetry/instrumentation-http', version: '0.57.0' }, spans: all }];
	const answer = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] }),
	});
	expect(answer.status).toBe(200);
}

/** Sums over labels. */
async function metrics(): Promise<(name: string) => number> {
	const page = await (await fetch(`${product.ready.ui}/metrics`)).text();
	return (name) =>
		[...page.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))].reduce(
			(sum, [, value]) => sum + Number(value),
			0,
		);
}

test('received = stored + rejected + quarantined + spooled, and a retry counts as neither', async () => {
	for (let request = 0; request < 20; request++) await send('cart', spans(50));
	const twice = spans(7);
	await send('checkout', twice);
	await send('checkout', twice);
	await send('cart', [...spans(3), ...spans(2, { traceId: 'xyz' }), ...spans(1, { spanId: '' })]);
	const value = await until(async () => {
		const read = await metrics();
		return read('spanhouse_spool_spans') === 0 ? read : undefined;
	}, 'an empty spool');
	expect(value('spanhouse_spans_received_total')).toBe(1_013);
	expect(value('spanhouse_spans_rejected_total')).toBe(3);
	expect(value('spanhouse_spans_repeated_total')).toBe(7);
	const elsewhere = ['spans_stored_total', 'spans_rejected_total', 'quarantined_spans', 'spool_spans'];
	const sum = elsewhere.reduce((total, name) => total + value(`spanhouse_${name}`), 0);
	expect(sum).toBe(value('spanhouse_spans_received_total'));
	const status = (await (await fetch(`${product.ready.ui}/api/v1/status`)).json()) as StatusAnswer;
	expect(status.spans.rows).toBe(1_010);
	expect(status.ingest).toMatchObject({ spansReceived: 1_013, spansStored: 1_010 });
});

test('ingest by service, with SDKs and scopes; rejections with a sample; marks, secrets and room on disk', async () => {
	const secret = 'AKIAIOSFODNN7EXAMPLE';
	await send('cart', [
		...spans(1, { endTimeUnixNano: '0', attributes: [text('note', secret), text('', 'x')] }),
		...spans(1, { name: `get ${secret}`, spanId: '00' }),
	]);
	const answer = await until(async () => {
		const read = (await (await fetch(`${product.ready.ui}/api/v1/ingest`)).json()) as IngestAnswer;
		const stored = read.services.reduce((total, { spans }) => total + spans, 0);
		return stored === 1_011 ? read : undefined;
	}, 'all spans by service');
	expect(answer.services).toEqual([
		expect.objectContaining({
			service: 'cart',
			namespace: 'shop',
			spans: 1_004,
			sdks: [{ language: 'nodejs', name: 'opentelemetry', version: '2.1.0' }],
			sdksOf: 1,
			scopes: [{ name: '@opentelemetry/instrumentation-http', version: '0.57.0', spans: 1_004 }],
			scopesOf: 1,
		}),
		expect.objectContaining({ service: 'checkout', spans: 7 }),
	]);
	const [cart] = answer.services;
	expect(cart!.spansPerSecond).toBeGreaterThan(1_004 / 360 - 0.01);
	expect(cart!.spansPerSecond).toBeLessThan(1_004 / 300 + 0.01);
	expect(answer.rejections).toEqual([
		expect.objectContaining({ signal: 'traces', reason: 'invalid_trace_id', count: 2, sample: '"work"' }),
		expect.objectContaining({
			signal: 'traces',
			reason: 'invalid_span_id',
			count: 2,
			sample: `"get REDACTED" of trace ${'ab'.repeat(16)}`,
		}),
	]);
	expect(answer.marks).toEqual({ neverEnded: 1, redacted: 1 });
	expect(answer.droppedAttributes).toBe(1);
	expect(answer.disk!.freeBytes).toBeGreaterThan(0);
	const value = await metrics();
	expect(value('spanhouse_redactions_total')).toBe(1);
	expect(value('spanhouse_spans_marked_total')).toBe(2);
	expect(value('spanhouse_attributes_dropped_total')).toBe(1);
});
