/** What goes in comes out: requests of encoders that are not ours, through the listener of the real product, and back as OTLP/JSON. */
import { gzipSync } from 'node:zlib';
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { KeyValue } from '../../schema/api.ts';
import type { OtlpSpan, OtlpTracesData } from '../../schema/otlp-json.ts';
import { canonical } from '../support/canonical-otlp.ts';
import { encodeProto } from '../support/otlp-proto.ts';
import { startProduct, until } from '../support/product.ts';
import type { Product } from '../support/product.ts';

let product: Product;
beforeAll(async () => void (product = await startProduct()), 120_000);
afterAll(async () => void (await product?.stop()));

async function send(body: Uint8Array, headers: Record<string, string>): Promise<void> {
	const answer = await fetch(`${product.ready.otlpHttp}/v1/traces`, {
		method: 'POST',
		headers,
		body: new Uint8Array(body),
	});
	expect([answer.status, await answer.text()]).toEqual([
		200,
		headers['content-type'] === 'application/json' ? '{}' : '',
	]);
}

async function stored(traceId: string): Promise<OtlpTracesData> {
	return until(async () => {
		const answer = await fetch(`${product.ready.ui}/api/v1/traces/${traceId}/otlp`);
		return answer.status === 200 ? ((await answer.json()) as OtlpTracesData) : undefined;
	}, 'the trace in ClickHouse');
}

const nowNano = BigInt(Date.now()) * 1_000_000n;
const everyValue: KeyValue[] = [
	{ key: 'text', value: { stringValue: 'a "quoted" text, ünï¢ode 🪵 and \u0000' } },
	{ key: 'empty text', value: { stringValue: '' } },
	{ key: 'int64 max', value: { intValue: '9223372036854775807' } },
	{ key: 'int64 min', value: { intValue: '-9223372036854775808' } },
	{ key: 'beyond 2^53', value: { intValue: '9007199254740993' } },
	{ key: 'zero', value: { intValue: '0' } },
	{ key: 'double', value: { doubleValue: 0.1 } },
	{ key: 'tiny', value: { doubleValue: 5e-324 } },
	{ key: 'nan', value: { doubleValue: 'NaN' } },
	{ key: 'infinite', value: { doubleValue: '-Infinity' } },
	{ key: 'minus zero', value: { doubleValue: '-0' } },
	{ key: 'yes', value: { boolValue: true } },
	{ key: 'no', value: { boolValue: false } },
	{ key: 'bytes', value: { bytesValue: 'AAH/gA==' } },
	{ key: 'nothing', value: {} },
	{
		key: 'mixed',
		value: {
			arrayValue: {
				values: [{ intValue: '1' }, { stringValue: 'two' }, { doubleValue: 3.5 }, { doubleValue: '-0' }, {}],
			},
		},
	},
	{
		key: 'nested',
		value: {
			kvlistValue: {
				values: [{ key: 'a', value: { kvlistValue: { values: [{ key: 'b', value: { bytesValue: '/w==' } }] } } }],
			},
		},
	},
	{ key: '__proto__', value: { stringValue: 'a key like any other' } },
	{ key: 'http.request.method', value: { stringValue: 'GET' } },
	{ key: 'http.method', value: { stringValue: 'an old name beside the new' } },
	{ key: 'http.response.status_code', value: { intValue: '404' } },
	{ key: 'db.system', value: { stringValue: 'postgresql' } },
	{ key: 'db.query.text', value: { intValue: '7' } },
];

function wholeRequest(traceId: string): OtlpTracesData {
	const span = (digit: string, more: Partial<OtlpSpan>): OtlpSpan => ({
		traceId,
		spanId: digit.repeat(16),
		name: `span ${digit}`,
		kind: Number(digit) % 6,
		startTimeUnixNano: String(nowNano - 123_456_789n),
		endTimeUnixNano: String(nowNano - 1n),
		attributes: [],
		status: {},
		...more,
	});
	const whole = span('1', {
		traceState: 'ot=th:fd70a4,vendor=x',
		flags: 0x101,
		attributes: everyValue,
		droppedAttributesCount: 3,
		events: [
			{ timeUnixNano: String(nowNano - 5n), name: 'exception', attributes: everyValue, droppedAttributesCount: 1 },
			{ timeUnixNano: String(nowNano - 4n), name: '', attributes: [] },
		],
		droppedEventsCount: 4,
		links: [
			{
				traceId: 'f'.repeat(32),
				spanId: 'e'.repeat(16),
				traceState: 'k=v',
				flags: 0x300,
				attributes: everyValue,
				droppedAttributesCount: 2,
			},
			{ traceId: 'd'.repeat(32), spanId: 'c'.repeat(16), attributes: [] },
		],
		droppedLinksCount: 5,
		status: { code: 2, message: 'went wrong' },
	});
	return {
		resourceSpans: [
			{
				resource: {
					attributes: [{ key: 'service.name', value: { stringValue: 'round-trip' } }, ...everyValue],
					droppedAttributesCount: 6,
				},
				schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
				scopeSpans: [
					{
						scope: { name: 'instrumentation', version: '1.2.3', attributes: everyValue, droppedAttributesCount: 7 },
						schemaUrl: 'https://opentelemetry.io/schemas/1.43.0',
						spans: [whole, span('2', { parentSpanId: '1'.repeat(16), status: { code: 1 } })],
					},
				],
			},
			{
				resource: { attributes: [{ key: 'service.name', value: { stringValue: 'other' } }] },
				scopeSpans: [{ scope: {}, spans: [span('3', { parentSpanId: '2'.repeat(16), endTimeUnixNano: '0' })] }],
			},
		],
	};
}

/** Ids as bytes, and doubles that JSON writes as text as numbers: what protobufjs wants. */
function forProtobuf(value: unknown, key = ''): unknown {
	if (Array.isArray(value)) return value.map((item) => forProtobuf(item));
	if (typeof value === 'string' && /^(traceId|spanId|parentSpanId)$/.test(key)) return Buffer.from(value, 'hex');
	if (typeof value === 'string' && key === 'doubleValue') return Number(value);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, forProtobuf(inner, name)]));
}

test('every field and every kind of value comes back from protobuf as it was sent', async () => {
	const sent = wholeRequest('a1'.repeat(16));
	const body = encodeProto('ExportTraceServiceRequest', forProtobuf(sent) as Record<string, unknown>);
	await send(gzipSync(body), { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' });
	expect(canonical(await stored('a1'.repeat(16)))).toEqual(canonical(sent));
});

test('every field and every kind of value comes back from JSON as it was sent', async () => {
	const sent = wholeRequest('b2'.repeat(16));
	await send(Buffer.from(JSON.stringify(sent)), { 'content-type': 'application/json' });
	expect(canonical(await stored('b2'.repeat(16)))).toEqual(canonical(sent));
});

type ReadableSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number];

/** Spans of one resource and one scope share these objects: the serializers group by identity. */
const resource = { attributes: { 'service.name': 'sdk', 'service.version': '7' } };
const instrumentationScope = { name: '@opentelemetry/instrumentation-http', version: '0.300.0' };

/** A span as the OpenTelemetry SDK hands it to its serializers. */
function sdkSpan(traceId: string, spanId: string): ReadableSpan {
	const seconds = Math.floor(Date.now() / 1_000) - 1;
	const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
	return {
		name: 'POST /orders',
		kind: SpanKind.SERVER,
		spanContext: () => context,
		parentSpanContext: { ...context, spanId: '9'.repeat(16), isRemote: true },
		startTime: [seconds, 123_456_789],
		endTime: [seconds, 987_654_321],
		status: { code: SpanStatusCode.ERROR, message: 'no stock' },
		attributes: { 'http.route': '/orders', 'http.response.status_code': 409, ratio: 0.25, ok: false, tags: ['a', 'b'] },
		links: [{ context: { ...context, spanId: '8'.repeat(16) }, attributes: { why: 'batch' } }],
		events: [{ time: [seconds, 200_000_000], name: 'exception', attributes: { 'exception.type': 'OutOfStock' } }],
		duration: [0, 864_197_532],
		ended: true,
		resource,
		instrumentationScope,
		droppedAttributesCount: 0,
		droppedEventsCount: 0,
		droppedLinksCount: 0,
	} as unknown as ReadableSpan;
}

test.each([
	['protobuf', 'application/x-protobuf', ProtobufTraceSerializer],
	['JSON', 'application/json', JsonTraceSerializer],
] as const)('what the official serializer writes as %s comes back as its JSON says', async (name, type, serializer) => {
	const traceId = (name === 'JSON' ? 'c3' : 'd4').repeat(16);
	const spans = [sdkSpan(traceId, '5'.repeat(16)), sdkSpan(traceId, '6'.repeat(16))];
	const body = serializer.serializeRequest(spans);
	const expected = JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(spans) ?? []).toString()) as unknown;
	expect(body?.length).toBeGreaterThan(100);
	await send(body ?? new Uint8Array(), { 'content-type': type });
	expect(canonical(asReceived(await stored(traceId)))).toEqual(canonical(asReceived(expected)));
});

/** int64 as text, which JSON of the SDK writes as numbers; the resource's schema URL, which is no field of OTLP. */
function asReceived(value: unknown, key = ''): unknown {
	if (Array.isArray(value)) return value.map((item) => asReceived(item));
	if (key === 'intValue') return String(value);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asReceived(inner, name)]));
}
