import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { expect, test } from 'vitest';
import { encodeProto } from '../../test/support/otlp-proto.ts';
import { viewSpans, type SpanView } from '../../test/support/span-block-view.ts';
import { makePayloads } from '../../test/bench/otlp-payload.ts';
import { DecodeError } from './decode-error.ts';
import { readTraces } from './read-traces.ts';

const receivedMs = 1_795_000_000_000;
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };
const nanos = (ms: number): string => String(BigInt(ms) * 1_000_000n);
const traceId = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const spanId = Uint8Array.from({ length: 8 }, (_, i) => i + 1);
const sent = (over: Record<string, unknown> = {}) => ({
	traceId,
	spanId,
	name: 'work',
	startTimeUnixNano: nanos(receivedMs - 20),
	endTimeUnixNano: nanos(receivedMs - 10),
	...over,
});
const request = (...spans: Record<string, unknown>[]): Uint8Array =>
	encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
const read = (body: Uint8Array) => readTraces(body, 'protobuf', context);
const readOne = (over: Record<string, unknown>): SpanView => viewSpans(read(request(sent(over))).block)[0]!;
const attribute = (key: string, value: Record<string, unknown>) => ({ key, value });

/** One field of wire type 2. */
const field = (number: number, ...content: (number | Uint8Array)[]): Uint8Array => {
	const bytes = Buffer.concat(content.map((each) => (typeof each === 'number' ? Uint8Array.of(each) : each)));
	const length = bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
	return Buffer.concat([Uint8Array.of(number * 8 + 2, ...length), bytes]);
};
const text = (value: string): Uint8Array => Buffer.from(value);
const ids = Buffer.concat([field(1, traceId), field(2, spanId)]);
const spanOf = (...fields: Uint8Array[]): Uint8Array => field(1, field(2, field(2, ids, ...fields)));

test('the protobuf and JSON exporters of the JavaScript SDK give the same columns', () => {
	const time = (ms: number): [number, number] => [Math.floor(ms / 1000), (ms % 1000) * 1e6];
	const resource = { attributes: { 'service.name': 'cart', 'process.command_args': ['node', 'x'] } };
	const span = {
		name: 'GET /cart',
		kind: 1,
		spanContext: () => ({ traceId: '0123456789abcdef0123456789abcdef', spanId: '0123456789abcdef', traceFlags: 1 }),
		startTime: time(receivedMs - 100),
		endTime: time(receivedMs - 20),
		status: { code: 2, message: 'no stock' },
		attributes: { 'http.request.method': 'GET', n: 5, ratio: 0.5, ok: true, list: ['a', 1], nothing: undefined },
		events: [{ name: 'exception', time: time(receivedMs - 50), attributes: { 'exception.type': 'OutOfStock' } }],
		links: [
			{ context: { traceId: 'f'.repeat(32), spanId: 'e'.repeat(16), traceFlags: 1 }, attributes: { why: 'batch' } },
		],
		resource,
		instrumentationScope: { name: 'http', version: '1.0.0' },
		droppedAttributesCount: 1,
		droppedEventsCount: 2,
		droppedLinksCount: 3,
	};
	const spans = [span] as unknown as Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0];
	const fromProtobuf = readTraces(ProtobufTraceSerializer.serializeRequest(spans)!, 'protobuf', context);
	const fromJson = readTraces(JsonTraceSerializer.serializeRequest(spans)!, 'json', context);
	expect(viewSpans(fromJson.block)).toEqual(viewSpans(fromProtobuf.block));
	expect(viewSpans(fromProtobuf.block)).toMatchObject([
		{
			service: 'cart',
			kind: 2,
			error: true,
			dropped: [1, 2, 3],
			columns: { 'error.type': 'OutOfStock' },
			flags: 0x101,
		},
	]);
});

test('the bodies of the ingest bench hold as many spans as they say, in both encodings alike', () => {
	const views = (['protobuf', 'json'] as const).map((encoding) => {
		const [payload] = makePayloads({ spansPerRequest: 200, requests: 1, seed: 7, encoding });
		const { block, report } = readTraces(payload!.body, encoding, context);
		expect(report).toMatchObject({ accepted: 200, rejected: { invalid_trace_id: 0, invalid_span_id: 0 } });
		return viewSpans(block);
	});
	expect(views[1]).toEqual(views[0]);
});

test('a fresh body has ids of its own and ends where it is sent', () => {
	for (const encoding of ['protobuf', 'json'] as const) {
		const [payload] = makePayloads({ spansPerRequest: 50, requests: 1, seed: 7, encoding });
		const [first, second] = [payload!.fresh(receivedMs), payload!.fresh(receivedMs)].map((body) =>
			viewSpans(readTraces(body, encoding, context).block),
		);
		const spanIds = new Set([...first!, ...second!].map((span) => span.spanId));
		expect(spanIds.size).toBe(100);
		const known = new Set(first!.map((span) => span.spanId));
		expect(first!.every((span) => span.parentSpanId === '0'.repeat(16) || known.has(span.parentSpanId))).toBe(true);
		expect(first!.every((span) => span.marks.length === 0 && Number(span.timeUnixMs) > receivedMs - 1_001)).toBe(true);
	}
});

test('an empty body is an empty request', () => {
	expect(read(new Uint8Array()).report.accepted).toBe(0);
});

test('a span with an id of the wrong length or of zeros is left out and counted, the others are kept', () => {
	const { block, report } = read(
		request(
			sent({ traceId: new Uint8Array(16) }),
			sent({ traceId: new Uint8Array(15) }),
			sent(),
			sent({ spanId: new Uint8Array(8) }),
			sent({ spanId: undefined }),
		),
	);
	expect(report.rejected).toEqual({ invalid_trace_id: 2, invalid_span_id: 2 });
	expect(block.rows).toBe(1);
});

test('a parent id of the wrong length, or the span itself, makes a root with a mark; zeros make a root without', () => {
	expect(readOne({ parentSpanId: new Uint8Array(7) })).toMatchObject({
		parentSpanId: '0'.repeat(16),
		marks: ['parentDropped'],
		entry: true,
	});
	expect(readOne({ parentSpanId: spanId })).toMatchObject({ parentSpanId: '0'.repeat(16), marks: ['parentDropped'] });
	expect(readOne({ parentSpanId: new Uint8Array(8) })).toMatchObject({ marks: [], entry: true });
});

test('times are kept as sent, and what is out of range is placed at its receive time', () => {
	const yearAgo = nanos(receivedMs - 365 * 86_400_000);
	const tomorrow = nanos(receivedMs + 86_400_000);
	expect(readOne({ endTimeUnixNano: tomorrow })).toMatchObject({
		endUnixNano: BigInt(tomorrow),
		timeUnixMs: BigInt(receivedMs),
		marks: ['clockAdjusted'],
	});
	expect(readOne({ startTimeUnixNano: yearAgo, endTimeUnixNano: yearAgo })).toMatchObject({
		timeUnixMs: BigInt(receivedMs),
	});
	expect(readOne({ endTimeUnixNano: '0' })).toMatchObject({
		endUnixNano: 0n,
		durationNano: 0n,
		timeUnixMs: BigInt(receivedMs - 20),
		marks: ['neverEnded'],
	});
	expect(readOne({ endTimeUnixNano: nanos(receivedMs - 30) })).toMatchObject({
		durationNano: 0n,
		marks: ['endBeforeStart'],
	});
	expect(readOne({ endTimeUnixNano: `${BigInt(nanos(receivedMs)) - 1n}` }).timeUnixMs).toBe(BigInt(receivedMs - 1));
});

test('of attributes with one key the last one counts, and those without a key are dropped and counted', () => {
	const view = readOne({
		attributes: [
			attribute('a', { stringValue: '1' }),
			attribute('b', {}),
			attribute('a', { intValue: 2 }),
			attribute('', { intValue: 3 }),
		],
	});
	expect(view.attributes).toEqual({ a: 'i2', b: 'j{}' });
	expect(view.dropped[0]).toBe(1);
});

test('what is beyond a limit is cut, marked and counted, and never inside a character', () => {
	const many = (count: number) => Array.from({ length: count }, (_, i) => attribute(`k${i}`, { intValue: i }));
	const cut = readOne({
		attributes: [...many(600), attribute('k0', { stringValue: 'last' })],
		events: Array.from({ length: 130 }, () => ({ name: 'e' })),
		links: Array.from({ length: 129 }, () => ({ traceId, spanId })),
	});
	expect(Object.keys(cut.attributes)).toHaveLength(512);
	expect(cut.attributes['k0']).toBe('slast');
	expect(cut).toMatchObject({ dropped: [88, 2, 1], marks: ['cut'] });
	const long = readOne({ attributes: [attribute('v', { stringValue: `x${'é'.repeat(40_000)}` })] });
	expect(long.attributes['v']).toBe(`sx${'é'.repeat(32_767)}`);
	expect(long.marks).toEqual(['cut']);
	expect(readOne({ attributes: [attribute('k'.repeat(2_000), { intValue: 1 })] })).toMatchObject({
		attributes: {},
		dropped: [1, 0, 0],
	});
});

test('a nested value beyond its limit stays whole JSON', () => {
	const values = Array.from({ length: 20_000 }, () => ({ stringValue: 'some text' }));
	const { attributes, marks } = readOne({ attributes: [attribute('list', { arrayValue: { values } })] });
	expect(marks).toEqual(['cut']);
	const kept = (JSON.parse(attributes['list']!.slice(1)) as { arrayValue: { values: unknown[] } }).arrayValue.values;
	expect(kept.length).toBeGreaterThan(1_000);
	expect(kept.length).toBeLessThan(20_000);
});

test('values within values end at a depth of 64', () => {
	let value = field(1, text('core'));
	for (let i = 0; i < 80; i++) value = field(5, field(1, value));
	const view = viewSpans(read(spanOf(field(9, field(1, text('deep')), field(2, value)))).block)[0]!;
	expect(view.marks).toContain('cut');
	expect(view.attributes['deep']!.split('arrayValue')).toHaveLength(65);
});

test('a link that leads nowhere is dropped and counted', () => {
	expect(
		readOne({
			links: [
				{ traceId, spanId: new Uint8Array(3) },
				{ traceId, spanId },
			],
		}),
	).toMatchObject({
		links: [{ spanId: '0102030405060708' }],
		dropped: [0, 0, 1],
	});
});

test('text that is not UTF-8 is mended, in values, names and keys alike', () => {
	const broken = Uint8Array.of(0x61, 0xff, 0x62);
	const value = field(2, field(1, broken));
	const body = spanOf(
		field(5, broken),
		field(9, field(1, broken), value),
		field(9, field(1, broken), field(2, field(1, text('again')))),
	);
	expect(viewSpans(read(body).block)[0]).toMatchObject({ name: 'a\uFFFDb', attributes: { 'a\uFFFDb': 'sagain' } });
});

test('fields that are not known are skipped, wherever they stand', () => {
	const unknown = Buffer.concat([
		field(15, text('x')),
		Uint8Array.of(15 * 8, 1),
		Uint8Array.of(15 * 8 + 5, 1, 2, 3, 4),
		Uint8Array.of(15 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8),
	]);
	const far = Uint8Array.of(0xa2, 0x06, 1, 9); // field 100
	const span = field(
		2,
		field(
			2,
			ids,
			far,
			field(5, text('n')),
			field(9, unknown, field(1, text('k')), unknown, field(2, unknown, field(1, text('v')))),
		),
		unknown,
	);
	expect(viewSpans(read(Buffer.concat([unknown, field(1, unknown, span)])).block)[0]).toMatchObject({
		name: 'n',
		attributes: { k: 'sv' },
	});
});

test('a resource that comes in two pieces, even behind its spans, is one resource', () => {
	const spans = field(2, field(2, ids));
	const service = field(1, field(1, field(1, text('service.name')), field(2, field(1, text('cart')))));
	const version = field(1, field(1, field(1, text('service.version')), field(2, field(1, text('2')))));
	const { block } = read(field(1, service, spans, version));
	expect(block.resources).toMatchObject([{ service: 'cart', version: '2' }]);
});

test('equal resources and scopes share a row, and the same content has the same id in every request', () => {
	const body = (name: string) =>
		encodeProto('ExportTraceServiceRequest', {
			resourceSpans: [1, 2].map(() => ({
				resource: { attributes: [attribute('service.name', { stringValue: name }), attribute('z', { intValue: 1 })] },
				scopeSpans: [{ scope: { name: 'lib' }, spans: [sent()] }],
			})),
		});
	const first = read(body('cart')).block;
	expect([first.resources.length, first.scopes.length]).toEqual([1, 1]);
	expect(read(body('cart')).block.resources[0]!.id).toBe(first.resources[0]!.id);
	expect(read(body('shop')).block.resources[0]!.id).not.toBe(first.resources[0]!.id);
});

test('a resource without a name is unknown_service', () => {
	expect(readOne({}).service).toBe('unknown_service');
});

test.each([
	['a length beyond the end', field(1, text('ab')).subarray(0, 3), /byte 1: a length of 2 where 1 bytes are left/],
	['a varint of 11 bytes', new Uint8Array(11).fill(0xff), /more than 10 bytes/],
	['field number 0', Uint8Array.of(2, 0), /field number 0/],
	['a group', Uint8Array.of(15 * 8 + 3), /wire type 3/],
	['wire type 7', Uint8Array.of(15 * 8 + 7), /wire type 7/],
	['a known field of another wire type', Uint8Array.of(8, 1), /field 1 of ExportTraceServiceRequest has wire type 0/],
	[
		'a message that ends inside a field',
		field(1, field(2, field(2, Uint8Array.of(57, 1, 2)))),
		/8 bytes expected, 2 left/,
	],
	[
		'a value longer than its message',
		spanOf(field(9, field(1, text('k')), Uint8Array.of(18, 2, 10, 9))),
		/a length of 9/,
	],
])('%s is damage, with its place', (_, body, message) => {
	expect(() => read(body)).toThrow(DecodeError);
	expect(() => read(body)).toThrow(message);
});
