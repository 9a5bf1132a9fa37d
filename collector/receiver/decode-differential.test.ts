import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { expectedSpans, wireRequest } from '../../test/support/otlp-model.ts';
import type { RequestModel, SpanModel, ValueModel } from '../../test/support/otlp-model.ts';
import { viewSpans } from '../../test/support/span-block-view.ts';
import { readTraces } from './read-traces.ts';

const receivedMs = 1_795_000_000_000;
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };

const text = fc.oneof(
	fc.string(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom('', '\u0000', '__proto__', 'é', '𝒳', '‮rtl'),
);
const scalar: fc.Arbitrary<ValueModel> = fc.oneof(
	text.map((s) => ({ s })),
	fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((i) => ({ i })),
	fc.maxSafeInteger().map((i) => ({ i: BigInt(i) })),
	fc.double().map((d) => ({ d })),
	fc.boolean().map((b) => ({ b })),
	fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ bytes })),
	fc.constant({ empty: true as const }),
);
const { value } = fc.letrec<{ value: ValueModel }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, depthSize: 'small' },
		scalar,
		fc.array(tie('value'), { maxLength: 4 }).map((array) => ({ array })),
		fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((map) => ({ map })),
	),
}));

/** Names that have meaning to the pipeline come often, so that columns of their own are tried with all types. */
const key = fc.oneof(
	text,
	fc.constantFrom(
		'http.request.method',
		'http.method',
		'http.response.status_code',
		'http.route',
		'url.path',
		'url.full',
	),
	fc.constantFrom(
		'db.system',
		'db.query.text',
		'rpc.method',
		'rpc.service',
		'server.address',
		'error.type',
		'constructor',
	),
);
const attributes = fc.array(fc.tuple(key, value), { maxLength: 12 });
const nanos = fc.bigInt({ min: BigInt(receivedMs - 3_600_000) * 1_000_000n, max: BigInt(receivedMs) * 1_000_000n });
const anyNanos = fc.oneof(nanos, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constant(0n));
const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const id = (length: number) =>
	fc.uint8Array({ minLength: length, maxLength: length }).filter((bytes) => bytes.some((byte) => byte !== 0));

const span: fc.Arbitrary<SpanModel> = fc.record({
	traceId: id(16),
	spanId: id(8),
	parentSpanId: fc.option(id(8)),
	traceState: fc.constantFrom('', 'a=b', 'ot=th:8'),
	flags: count,
	name: text,
	kind: fc.integer({ min: 0, max: 5 }),
	start: anyNanos,
	end: anyNanos,
	attributes,
	dropped: fc.tuple(
		count.map((n) => n % 1000),
		count.map((n) => n % 1000),
		count.map((n) => n % 1000),
	),
	events: fc.array(fc.record({ time: anyNanos, name: text, attributes }), { maxLength: 3 }),
	links: fc.array(fc.record({ traceId: id(16), spanId: id(8), traceState: text, flags: count, attributes }), {
		maxLength: 3,
	}),
	status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }),
});
const request: fc.Arbitrary<RequestModel> = fc.array(
	fc.record({
		resource: attributes,
		scope: fc.record({ name: text, version: text }),
		spans: fc.array(span, { maxLength: 4 }),
	}),
	{ maxLength: 3 },
);
test('any spans come out of protobuf and of JSON as they were sent, in every column', () => {
	fc.assert(
		fc.property(request, (sent) => {
			const fromProtobuf = readTraces(
				encodeProto('ExportTraceServiceRequest', wireRequest(sent, false)),
				'protobuf',
				context,
			);
			const fromJson = readTraces(Buffer.from(JSON.stringify(wireRequest(sent, true))), 'json', context);
			const wanted = expectedSpans(sent);
			const weights = sent.flatMap(({ spans }) => spans.map((each) => (each.traceState === 'ot=th:8' ? 2 : 1)));
			const views = viewSpans(fromProtobuf.block);
			expect(views).toHaveLength(wanted.length);
			wanted.forEach((each, row) => expect(views[row]).toMatchObject(each));
			expect(views.map(({ weight }) => weight)).toEqual(weights);
			wanted.forEach((each, row) => expect(Object.keys(views[row]!.attributes)).toEqual(Object.keys(each.attributes!)));
			expect(viewSpans(fromJson.block)).toEqual(views);
			expect(fromJson.report).toEqual(fromProtobuf.report);
		}),
		{ numRuns: 150 },
	);
}, 60_000);
