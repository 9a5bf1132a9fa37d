import { afterAll, describe, expect, test } from 'vitest';
import { ProblemError } from '../../collector/problem.ts';
import {
	closeWorlds,
	world,
	TYPES,
	PACKINGS,
	badSpan,
	ids,
	isJson,
	span,
	post,
	CASES,
	bodyOf,
	statusOf,
} from '../support/otlp-http-world.ts';
import { decodeProto, encodeProto } from '../support/otlp-proto.ts';
import { viewSpans } from '../support/span-block-view.ts';

afterAll(closeWorlds);

describe('every signal, type and encoding', () => {
	test.each(CASES)(
		'%s as %s in %s: success is 200, the bare type of the request, and an empty answer',
		async (signal, type, packing) => {
			const { app, blocks } = world();
			const packed = await PACKINGS[packing](bodyOf(signal, type));
			const response = await post(app, `/v1/${signal}`, type, packed, { 'content-encoding': packing.split(' ')[0]! });
			expect(response.status).toBe(200);
			expect(response.headers.get('content-type')).toBe(type.toLowerCase().split(';')[0]);
			expect(await response.text()).toBe(isJson(type) ? '{}' : '');
			expect(blocks.map((block) => block.rows)).toEqual(signal === 'traces' ? [1] : []);
		},
	);

	test.each(CASES)(
		'%s as %s in %s: a damaged body is 400 with a Status in the same encoding',
		async (signal, type, packing) => {
			const { app, blocks } = world();
			const packed = await PACKINGS[packing](Buffer.from(isJson(type) ? '{"resourceSpans":[' : [0x0a, 0x7f, 0x01]));
			const response = await post(app, `/v1/${signal}`, type, packed, { 'content-encoding': packing.split(' ')[0]! });
			expect(response.status).toBe(400);
			expect(response.headers.get('content-type')).toBe(type.toLowerCase().split(';')[0]);
			expect(await statusOf(response)).toMatchObject({ code: 3, details: [expect.anything()] });
			expect(blocks).toEqual([]);
		},
	);

	test.each(CASES)(
		'%s as %s in %s: a body over the limit is 413 and not to be retried',
		async (signal, type, packing) => {
			const { app } = world({ limits: { maxBodyBytes: 20_000, retentionMs: 1 } });
			const packed = await PACKINGS[packing](new Uint8Array(10_000_000));
			const response = await post(app, `/v1/${signal}`, type, packed, { 'content-encoding': packing.split(' ')[0]! });
			expect(response.status).toBe(413);
			expect(response.headers.get('retry-after')).toBeNull();
			expect(await statusOf(response)).toMatchObject({ code: 8 });
		},
	);

	test.each(CASES.filter(([, , packing]) => packing !== 'identity'))(
		'%s as %s in %s: a body cut short is 400',
		async (signal, type, packing) => {
			const { app, blocks } = world();
			const packed = await PACKINGS[packing](
				Buffer.from(JSON.stringify({ filler: Array.from({ length: 500 }, (_, i) => i) })),
			);
			const response = await post(app, `/v1/${signal}`, type, packed.subarray(0, packed.length - 12), {
				'content-encoding': packing.split(' ')[0]!,
			});
			expect(response.status).toBe(400);
			expect(blocks).toEqual([]);
		},
	);
});

test.each(TYPES)('%s: spans with bad ids are partly accepted, never refused as a whole', async (type) => {
	const { app, blocks, events } = world();
	const response = await post(app, '/v1/traces', type, bodyOf('traces', type, true));
	expect(response.status).toBe(200);
	const message = '1 span rejected: trace id is not 16 bytes that are not all zero';
	const body = new Uint8Array(await response.arrayBuffer());
	const answer: unknown = isJson(type) ? JSON.parse(Buffer.from(body).toString()) : decodeProto('ExportResponse', body);
	const count = isJson(type) ? { rejectedSpans: '1' } : { rejected: '1' };
	expect(answer).toEqual({ partialSuccess: { ...count, errorMessage: message } });
	expect(blocks[0]!.rows).toBe(1);
	expect(events).toContainEqual([
		'rejected',
		expect.objectContaining({ signal: 'traces', reason: 'invalid_trace_id', count: 1 }),
	]);
});

test.each(TYPES)('%s: a span whose parent id is not 8 bytes is kept as a root, and the answer warns', async (type) => {
	const { app, blocks } = world();
	const odd = { ...span, parentSpanId: 'eee19b' };
	const spans = isJson(type)
		? [odd, span]
		: [{ ...ids(odd), parentSpanId: Buffer.from(odd.parentSpanId, 'hex') }, ids(span)];
	const request = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
	const sent = isJson(type) ? Buffer.from(JSON.stringify(request)) : encodeProto('ExportTraceServiceRequest', request);
	const response = await post(app, '/v1/traces', type, sent);
	expect(response.status).toBe(200);
	const errorMessage = "1 span kept without parent: parent span id is not 8 bytes, or is the span's own";
	const body = new Uint8Array(await response.arrayBuffer());
	const answer: unknown = isJson(type) ? JSON.parse(Buffer.from(body).toString()) : decodeProto('ExportResponse', body);
	expect(answer).toEqual({ partialSuccess: { errorMessage } });
	expect(viewSpans(blocks[0]!).map(({ parentSpanId }) => parentSpanId)).toEqual(['0'.repeat(16), '0'.repeat(16)]);
});

test('a request without one good span stores nothing and says so', async () => {
	const { app, blocks } = world();
	const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [badSpan, badSpan] }] }] });
	const response = await post(app, '/v1/traces', 'application/json', body);
	expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '2' } });
	expect(blocks).toEqual([]);
});

/** As an exporter sends it when it has nothing to send. In protobuf that is no byte at all, which deflate can't be short of. */
test.each(CASES)('%s as %s in %s: an empty request is fine', async (signal, type, packing) => {
	const { app, blocks } = world();
	const packed = await PACKINGS[packing](Buffer.from(isJson(type) ? '{}' : ''));
	const response = await post(app, `/v1/${signal}`, type, packed, { 'content-encoding': packing.split(' ')[0]! });
	expect([response.status, await response.text()]).toEqual([200, isJson(type) ? '{}' : '']);
	expect(blocks).toEqual([]);
});

test.each(CASES.filter(([signal]) => signal === 'traces'))(
	'%s as %s in %s: what is bad is rejected, and what is good is kept',
	async (signal, type, packing) => {
		const { app, blocks } = world();
		const packed = await PACKINGS[packing](bodyOf(signal, type, true));
		const response = await post(app, `/v1/${signal}`, type, packed, { 'content-encoding': packing.split(' ')[0]! });
		expect(response.status).toBe(200);
		expect(blocks.map((block) => block.rows)).toEqual([1]);
		expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(2);
	},
);

test.each(CASES.filter(([signal]) => signal === 'traces'))(
	'%s as %s in %s: a store that is busy is 503, with when to come again, in the encoding of the request',
	async (signal, type, packing) => {
		const { app } = world({ append: () => Promise.reject(new ProblemError(503, 'SPOOL_FULL', 'full')) });
		const packed = await PACKINGS[packing](bodyOf(signal, type));
		const response = await post(app, `/v1/${signal}`, type, packed, { 'content-encoding': packing.split(' ')[0]! });
		expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
		expect(response.headers.get('content-type')).toBe(type.toLowerCase().split(';')[0]);
		expect(await statusOf(response)).toMatchObject({ code: 14, message: 'full' });
	},
);
