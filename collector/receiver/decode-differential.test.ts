import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { viewSpans, type SpanView } from '../../test/support/span-block-view.ts';
import { readTraces } from './read-traces.ts';

const receivedMs = 1_795_000_000_000;
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };

/** OTLP's values as a tree that both encoders and the expectation are made from. */
type Model =
	| { s: string }
	| { i: bigint }
	| { d: number }
	| { b: boolean }
	| { bytes: Uint8Array }
	| { array: Model[] }
	| { map: [string, Model][] }
	| { empty: true };

const text = fc.oneof(
	fc.string(),
	fc.string({ unit: 'binary' }),
	fc.constantFrom('', '\u0000', '__proto__', 'é', '𝒳', '‮rtl'),
);
const scalar: fc.Arbitrary<Model> = fc.oneof(
	text.map((s) => ({ s })),
	fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((i) => ({ i })),
	fc.maxSafeInteger().map((i) => ({ i: BigInt(i) })),
	fc.double().map((d) => ({ d })),
	fc.boolean().map((b) => ({ b })),
	fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ bytes })),
	fc.constant({ empty: true as const }),
);
const { value } = fc.letrec<{ value: Model }>((tie) => ({
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
const uint32 = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const id = (length: number) =>
	fc.uint8Array({ minLength: length, maxLength: length }).filter((bytes) => bytes.some((byte) => byte !== 0));

const span = fc.record({
	traceId: id(16),
	spanId: id(8),
	parentSpanId: fc.option(id(8)),
	traceState: fc.constantFrom('', 'a=b', 'ot=th:8'),
	flags: uint32,
	name: text,
	kind: fc.integer({ min: 0, max: 5 }),
	start: anyNanos,
	end: anyNanos,
	attributes,
	dropped: fc.tuple(
		uint32.map((n) => n % 1000),
		uint32.map((n) => n % 1000),
		uint32.map((n) => n % 1000),
	),
	events: fc.array(fc.record({ time: anyNanos, name: text, attributes }), { maxLength: 3 }),
	links: fc.array(fc.record({ traceId: id(16), spanId: id(8), traceState: text, flags: uint32, attributes }), {
		maxLength: 3,
	}),
	status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: text }),
});
const request = fc.array(
	fc.record({
		resource: attributes,
		scope: fc.record({ name: text, version: text }),
		spans: fc.array(span, { maxLength: 4 }),
	}),
	{ maxLength: 3 },
);
type Span = typeof span extends fc.Arbitrary<infer T> ? T : never;
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const named = (d: number): number | string => (Number.isFinite(d) ? d : String(d));

/** OTLP/JSON when `isJson`, otherwise what the protobuf encoder takes. */
function anyValue(model: Model, isJson: boolean): Record<string, unknown> {
	if ('s' in model) return { stringValue: model.s };
	if ('i' in model) return { intValue: String(model.i) };
	if ('d' in model) return { doubleValue: isJson ? (Object.is(model.d, -0) ? '-0' : named(model.d)) : model.d };
	if ('b' in model) return { boolValue: model.b };
	if ('bytes' in model) return { bytesValue: isJson ? Buffer.from(model.bytes).toString('base64') : model.bytes };
	if ('array' in model) return { arrayValue: { values: model.array.map((each) => anyValue(each, isJson)) } };
	if ('map' in model) return { kvlistValue: { values: keyValues(model.map, isJson) } };
	return {};
}
const keyValues = (pairs: [string, Model][], isJson: boolean) =>
	pairs.map(([name, model]) => ({ key: name, value: anyValue(model, isJson) }));

/** What is stored of a value: the type's letter and its text. */
function stored(model: Model): string {
	if ('s' in model) return `s${model.s.toWellFormed()}`;
	if ('i' in model) return `i${model.i}`;
	if ('d' in model) return `d${Object.is(model.d, -0) ? '-0' : model.d}`;
	if ('b' in model) return `b${model.b}`;
	return `j${json(model)}`;
}
function json(model: Model): string {
	if ('s' in model) return `{"stringValue":${JSON.stringify(model.s.toWellFormed())}}`;
	if ('i' in model) return `{"intValue":"${model.i}"}`;
	if ('d' in model)
		return `{"doubleValue":${Number.isFinite(model.d) ? (Object.is(model.d, -0) ? '-0' : model.d) : `"${model.d}"`}}`;
	if ('b' in model) return `{"boolValue":${model.b}}`;
	if ('bytes' in model) return `{"bytesValue":"${Buffer.from(model.bytes).toString('base64')}"}`;
	if ('array' in model) return `{"arrayValue":{"values":[${model.array.map(json).join(',')}]}}`;
	if ('map' in model) {
		const pairs = model.map.map(
			([name, each]) => `{"key":${JSON.stringify(name.toWellFormed())},"value":${json(each)}}`,
		);
		return `{"kvlistValue":{"values":[${pairs.join(',')}]}}`;
	}
	return '{}';
}

function expectedAttributes(pairs: [string, Model][]): Record<string, string> {
	const last = new Map(
		pairs.filter(([name]) => name !== '').map(([name, model]) => [name.toWellFormed(), stored(model)]),
	);
	return Object.assign(
		Object.create(null) as Record<string, string>,
		Object.fromEntries([...last].sort(([a], [b]) => (a < b ? -1 : 1))),
	);
}
const unnamed = (pairs: [string, Model][]): number => pairs.filter(([name]) => name === '').length;

function expected(
	sent: Span,
	resource: [string, Model][],
	scope: { name: string; version: string },
): Partial<SpanView> {
	const isBackwards = sent.end < sent.start;
	const [droppedAttributes, droppedEvents, droppedLinks] = sent.dropped;
	return {
		traceId: hex(sent.traceId),
		spanId: hex(sent.spanId),
		parentSpanId:
			sent.parentSpanId === null || hex(sent.parentSpanId) === hex(sent.spanId)
				? '0'.repeat(16)
				: hex(sent.parentSpanId),
		name: sent.name.toWellFormed(),
		kind: sent.kind,
		traceState: sent.traceState,
		flags: sent.flags,
		startUnixNano: sent.start,
		endUnixNano: sent.end,
		durationNano: isBackwards ? 0n : sent.end - sent.start,
		statusCode: sent.status.code,
		statusMessage: sent.status.message.toWellFormed(),
		dropped: [droppedAttributes + unnamed(sent.attributes), droppedEvents, droppedLinks],
		attributes: expectedAttributes(sent.attributes),
		events: sent.events.map((event) => ({
			timeUnixNano: event.time,
			name: event.name.toWellFormed(),
			dropped: unnamed(event.attributes),
			attributes: expectedAttributes(event.attributes),
		})),
		links: sent.links.map((link) => ({
			traceId: hex(link.traceId),
			spanId: hex(link.spanId),
			traceState: link.traceState.toWellFormed(),
			flags: link.flags,
			dropped: unnamed(link.attributes),
			attributes: expectedAttributes(link.attributes),
		})),
		resource: expectedAttributes(resource),
		scope: `${scope.name.toWellFormed()}@${scope.version.toWellFormed()}`,
		weight: sent.traceState === 'ot=th:8' ? 2 : 1,
	};
}

function wire(sent: Request, isJson: boolean): Record<string, unknown> {
	const bytes = (value: Uint8Array | null) => (value === null ? undefined : isJson ? hex(value) : value);
	return {
		resourceSpans: sent.map(({ resource, scope, spans }) => ({
			resource: { attributes: keyValues(resource, isJson) },
			scopeSpans: [
				{
					scope,
					spans: spans.map((each) => ({
						traceId: bytes(each.traceId),
						spanId: bytes(each.spanId),
						...(each.parentSpanId === null ? {} : { parentSpanId: bytes(each.parentSpanId) }),
						traceState: each.traceState,
						flags: each.flags,
						name: each.name,
						kind: each.kind,
						startTimeUnixNano: String(each.start),
						endTimeUnixNano: String(each.end),
						attributes: keyValues(each.attributes, isJson),
						droppedAttributesCount: each.dropped[0],
						droppedEventsCount: each.dropped[1],
						droppedLinksCount: each.dropped[2],
						events: each.events.map((event) => ({
							timeUnixNano: String(event.time),
							name: event.name,
							attributes: keyValues(event.attributes, isJson),
						})),
						links: each.links.map((link) => ({
							traceId: bytes(link.traceId),
							spanId: bytes(link.spanId),
							traceState: link.traceState,
							flags: link.flags,
							attributes: keyValues(link.attributes, isJson),
						})),
						status: each.status,
					})),
				},
			],
		})),
	};
}

test('any spans come out of protobuf and of JSON as they were sent, in every column', () => {
	fc.assert(
		fc.property(request, (sent) => {
			const fromProtobuf = readTraces(encodeProto('ExportTraceServiceRequest', wire(sent, false)), 'protobuf', context);
			const fromJson = readTraces(Buffer.from(JSON.stringify(wire(sent, true))), 'json', context);
			const wanted = sent.flatMap(({ resource, scope, spans }) => spans.map((each) => expected(each, resource, scope)));
			const views = viewSpans(fromProtobuf.block);
			expect(views).toHaveLength(wanted.length);
			wanted.forEach((each, row) => expect(views[row]).toMatchObject(each));
			wanted.forEach((each, row) => expect(Object.keys(views[row]!.attributes)).toEqual(Object.keys(each.attributes!)));
			expect(viewSpans(fromJson.block)).toEqual(views);
			expect(fromJson.report).toEqual(fromProtobuf.report);
		}),
		{ numRuns: 150 },
	);
}, 60_000);
