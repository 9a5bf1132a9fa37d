import { describe, expect, test } from 'vitest';
import { viewSpans } from '../../test/support/span-block-view.ts';
import { DecodeError } from './decode-error.ts';
import { readTraces } from './read-traces.ts';

const receivedMs = 1_556_604_200_000;
const context = { project: 'default', receivedMs, retentionMs: 7 * 86_400_000 };

const read = (spans: unknown) => readTraces(Buffer.from(JSON.stringify(spans)), 'zipkin', context);
const view = (...spans: object[]) => viewSpans(read(spans).block);

/** The example of Zipkin's API description. */
const documented = {
	id: '352bff9a74ca9ad2',
	traceId: '5af7183fb1d4cf5f',
	parentId: '6b221d5bc9e6496c',
	name: 'get /api',
	timestamp: 1_556_604_172_355_737,
	duration: 1_431,
	kind: 'SERVER',
	localEndpoint: { serviceName: 'backend', ipv4: '192.168.99.1', port: 3306 },
	remoteEndpoint: { ipv4: '172.19.0.2', port: 58_648 },
	tags: { 'http.method': 'GET', 'http.path': '/api' },
};

test("the span of Zipkin's documentation comes out with all that it says", () => {
	const [span] = view(documented);
	expect(span).toMatchObject({
		traceId: '00000000000000005af7183fb1d4cf5f',
		spanId: '352bff9a74ca9ad2',
		parentSpanId: '6b221d5bc9e6496c',
		name: 'get /api',
		kind: 2,
		startUnixNano: 1_556_604_172_355_737_000n,
		endUnixNano: 1_556_604_172_357_168_000n,
		durationNano: 1_431_000n,
		timeUnixMs: 1_556_604_172_357n,
		service: 'backend',
		type: 'http',
		entry: true,
		marks: [],
		attributes: {
			'http.method': 'sGET',
			'http.path': 's/api',
			'network.local.address': 's192.168.99.1',
			'network.local.port': 'i3306',
			'network.peer.address': 's172.19.0.2',
			'network.peer.port': 'i58648',
		},
	});
});

test('kinds; a span without one is local', () => {
	const kinds = ['CLIENT', 'SERVER', 'PRODUCER', 'CONSUMER', undefined];
	expect(view(...kinds.map((kind) => ({ ...documented, kind }))).map(({ kind }) => kind)).toEqual([3, 2, 4, 5, 1]);
});

test('both sides of a shared span are kept, each with its service', () => {
	const client = { ...documented, kind: 'CLIENT', localEndpoint: { serviceName: 'frontend' } };
	const spans = view(client, { ...documented, shared: true });
	expect(spans.map(({ service, kind, spanId }) => [service, kind, spanId])).toEqual([
		['frontend', 3, documented.id],
		['backend', 2, documented.id],
	]);
});

test('annotations are events, a remote service is the peer', () => {
	const [span] = view({
		...documented,
		kind: 'CLIENT',
		remoteEndpoint: { serviceName: 'mysql', ipv6: '2001:db8::c001' },
		annotations: [
			{ timestamp: 1_556_604_172_355_800, value: 'wire.send' },
			{ timestamp: 1_556_604_172_356_000, value: '' },
		],
	});
	expect(span!.events).toEqual([
		{ timeUnixNano: 1_556_604_172_355_800_000n, name: 'wire.send', dropped: 0, attributes: {} },
		{ timeUnixNano: 1_556_604_172_356_000_000n, name: '', dropped: 0, attributes: {} },
	]);
	expect(span!.attributes).toMatchObject({ 'peer.service': 'smysql', 'network.peer.address': 's2001:db8::c001' });
	expect(span!.columns['service.peer.name']).toBe('mysql');
});

test.each([
	[{ error: '' }, 2, ''],
	[{ error: 'true' }, 2, ''],
	[{ error: 'card declined' }, 2, 'card declined'],
	[{ 'otel.status_code': 'ERROR', 'otel.status_description': 'late', error: 'true' }, 2, 'late'],
	[{ 'otel.status_code': 'OK' }, 1, ''],
	[{}, 0, ''],
])('a span with the tags %o has the status %i %s', (tags, code, message) => {
	const [span] = view({ ...documented, tags });
	expect([span!.statusCode, span!.statusMessage]).toEqual([code, message]);
	expect(Object.keys(span!.attributes)).toEqual(expect.arrayContaining(Object.keys(tags)));
});

test('a span that has not ended is marked and placed at its start', () => {
	const { duration: _duration, ...open } = documented;
	expect(view(open)[0]).toMatchObject({ marks: ['neverEnded'], durationNano: 0n, timeUnixMs: 1_556_604_172_355n });
});

test('ids of 64 bits and of any case are taken; a span with an id that is none is rejected, its neighbours stay', () => {
	const { block, report } = read([
		{ ...documented, traceId: '463AC35C9F6413AD48485A3953BB6124' },
		{ ...documented, traceId: 'xyz' },
		{ ...documented, id: undefined },
		{ ...documented, id: 'a' },
	]);
	expect(viewSpans(block).map(({ traceId, spanId }) => [traceId, spanId])).toEqual([
		['463ac35c9f6413ad48485a3953bb6124', documented.id],
		['00000000000000005af7183fb1d4cf5f', '000000000000000a'],
	]);
	expect(report.rejected).toEqual({ invalid_trace_id: 1, invalid_span_id: 1 });
});

test('secrets of tags are redacted like those of attributes', () => {
	const [span] = view({ ...documented, tags: { password: 'hunter2' } });
	expect(span!.attributes['password']).toBe('sREDACTED');
});

describe('what has another form is refused with its place', () => {
	test.each([
		[{}, 'no JSON array'],
		['x', 'no JSON array'],
		[[7], '[0]: an object expected'],
		[[{ ...documented, kind: 'LOCAL' }], '[0].kind: one of CLIENT'],
		[[documented, { ...documented, timestamp: 'soon' }], '[1].timestamp: whole microseconds expected'],
		[[{ ...documented, duration: 1.5 }], '[0].duration'],
		[[{ ...documented, tags: { a: 1 } }], '[0].tags.a: a string expected'],
		[[{ ...documented, annotations: [[]] }], '[0].annotations[0]'],
		[[{ ...documented, localEndpoint: 'x' }], '[0].localEndpoint'],
	])('%o', (body, message) => {
		expect(() => read(body)).toThrow(DecodeError);
		expect(() => read(body)).toThrow(message);
	});
});
