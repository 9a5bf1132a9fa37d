import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { deflate, deflateRaw, gzip, gzipSync, zstdCompress } from 'node:zlib';
import type { Hono } from 'hono';
import { afterAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../collector/log.ts';
import { ProblemError } from '../../collector/problem.ts';
import type { IngestObserver } from '../../collector/receiver/ingest-observer.ts';
import { LogQuota } from '../../collector/receiver/log-quota.ts';
import { otlpHttp, type OtlpHttpOptions } from '../../collector/receiver/otlp-http.ts';
import { openLogBlock } from '../../collector/spool/log-block-codec.ts';
import { openSpanBlock } from '../../collector/spool/span-block-codec.ts';
import type { LogBlock } from '../../schema/log-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import { makePayloads } from '../bench/otlp-payload.ts';
import { openDecodePool } from '../support/decode-pool.ts';
import { decodeProto, encodeProto } from '../support/otlp-proto.ts';
import { viewSpans } from '../support/span-block-view.ts';

const MiB = 1024 * 1024;
const receivedMs = 1_795_000_000_000;
const pool = openDecodePool();
afterAll(() => pool.close());

type Event = [name: keyof IngestObserver, detail: unknown];

interface World {
	app: Hono;
	blocks: SpanBlock[];
	logs: LogBlock[];
	events: Event[];
}

function world(over: Partial<OtlpHttpOptions> = {}): World {
	const blocks: SpanBlock[] = [];
	const logs: LogBlock[] = [];
	const events: Event[] = [];
	const app = otlpHttp({
		append: async ({ frame }) => void blocks.push(openSpanBlock(frame)),
		appendLogs: async ({ frame }) => void logs.push(openLogBlock(frame)),
		logQuota: new LogQuota(100, () => receivedMs),
		project: () => 'default',
		limits: { maxBodyBytes: 64 * MiB, retentionMs: 7 * 86_400_000 },
		corsOrigins: ['https://*.example.com'],
		maxBytesInFlight: 256 * 1024 * 1024,
		clock: () => receivedMs,
		decode: pool.decode,
		decodeLogs: pool.decodeLogs,
		observe: {
			requestReceived: (detail) => events.push(['requestReceived', detail]),
			spansAccepted: (detail) => events.push(['spansAccepted', detail]),
			logsAccepted: (detail) => events.push(['logsAccepted', detail]),
			spansRepeated: (detail) => events.push(['spansRepeated', detail]),
			rejected: (detail) => events.push(['rejected', detail]),
			requestFailed: (detail) => events.push(['requestFailed', detail]),
			answered: (detail) => events.push(['answered', detail]),
		},
		otherSignals: 'report',
		log: silentLog,
		...over,
	});
	return { app, blocks, logs, events };
}

const SIGNALS = ['traces', 'metrics', 'logs'] as const;
const TYPES = ['application/x-protobuf', 'application/json', 'APPLICATION/JSON; charset=utf-8'] as const;
const PACKINGS = {
	identity: async (body: Uint8Array) => body,
	gzip: promisify(gzip) as (body: Uint8Array) => Promise<Uint8Array>,
	'x-gzip': promisify(gzip) as (body: Uint8Array) => Promise<Uint8Array>,
	GZIP: promisify(gzip) as (body: Uint8Array) => Promise<Uint8Array>,
	deflate: promisify(deflate) as (body: Uint8Array) => Promise<Uint8Array>,
	'deflate without a header': promisify(deflateRaw) as (body: Uint8Array) => Promise<Uint8Array>,
	zstd: promisify(zstdCompress) as (body: Uint8Array) => Promise<Uint8Array>,
};

const span = { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name: 'work' };
const badSpan = { ...span, traceId: '0'.repeat(32) };
const JSON_BODIES = {
	traces: (bad: boolean) => ({ resourceSpans: [{ scopeSpans: [{ spans: bad ? [span, badSpan] : [span] }] }] }),
	metrics: () => ({ resourceMetrics: [] }),
	logs: () => ({ resourceLogs: [] }),
};
const isJson = (type: string): boolean => type.toLowerCase().includes('json');
const ids = (each: typeof span) => ({
	...each,
	traceId: Buffer.from(each.traceId, 'hex'),
	spanId: Buffer.from(each.spanId, 'hex'),
});

function bodyOf(signal: (typeof SIGNALS)[number], type: string, bad = false): Uint8Array {
	if (isJson(type)) return Buffer.from(JSON.stringify(JSON_BODIES[signal](bad)));
	if (signal !== 'traces') return new Uint8Array();
	const spans = (bad ? [span, badSpan] : [span]).map(ids);
	return encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
}

const post = (
	app: Hono,
	path: string,
	type: string | undefined,
	body: Uint8Array | string,
	headers: Record<string, string> = {},
) =>
	app.request(path, {
		method: 'POST',
		headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
		body: new Uint8Array(Buffer.from(body)),
	});

/** google.rpc.Status in either encoding. */
async function statusOf(response: Response): Promise<{ code?: number; message?: string; details?: unknown[] }> {
	if (response.headers.get('content-type') === 'application/json') return (await response.json()) as { code: number };
	return decodeProto('RpcStatus', new Uint8Array(await response.arrayBuffer()));
}

const CASES = SIGNALS.flatMap((signal) =>
	TYPES.flatMap((type) =>
		Object.keys(PACKINGS).map((packing) => [signal, type, packing as keyof typeof PACKINGS] as const),
	),
);

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
	expect(events).toContainEqual(['rejected', { signal: 'traces', reason: 'invalid_trace_id', count: 1 }]);
});

test('a request without one good span stores nothing and says so', async () => {
	const { app, blocks } = world();
	const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [badSpan, badSpan] }] }] });
	const response = await post(app, '/v1/traces', 'application/json', body);
	expect(await response.json()).toMatchObject({ partialSuccess: { rejectedSpans: '2' } });
	expect(blocks).toEqual([]);
});

test.each([
	['/v1/traces', 'application/json', ''],
	['/v1/traces', 'application/json', '1234'],
	['/v1/metrics', 'application/json', ''],
])('POST %s %s with body "%s" is damage', async (path, type, body) => {
	expect((await post(world().app, path, type, body)).status).toBe(400);
});

test('the place of the damage is named as google.rpc.BadRequest', async () => {
	const { app } = world();
	const json = await post(
		app,
		'/v1/traces',
		'application/json',
		JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, kind: 'CAT' }] }] }] }),
	);
	expect(await json.json()).toMatchObject({
		code: 3,
		details: [
			{
				'@type': 'type.googleapis.com/google.rpc.BadRequest',
				fieldViolations: [{ field: 'resourceSpans[0].scopeSpans[0].spans[0].kind' }],
			},
		],
	});
	const proto = await post(app, '/v1/traces', 'application/x-protobuf', Uint8Array.of(0x0a, 9));
	const { details } = (await statusOf(proto)) as {
		details: { type_url?: string; typeUrl: string; value: Uint8Array }[];
	};
	expect(details[0]!.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest');
	expect(decodeProto('BadRequest', details[0]!.value)).toMatchObject({ fieldViolations: [{ field: 'body[1]' }] });
});

test.each([undefined, 'text/plain', 'application/xml', 'application/grpc'])(
	'a body of type %s is 415 with a JSON Status',
	async (type) => {
		const response = await post(world().app, '/v1/traces', type, 'x');
		expect(response.status).toBe(415);
		expect(response.headers.get('content-type')).toBe('application/json');
		expect(await response.json()).toMatchObject({
			code: 3,
			message: expect.stringContaining('application/x-protobuf') as string,
		});
	},
);

test.each(['application/protobuf', 'application/x-google-protobuf'])(
	'%s is protobuf too, and answered as it was sent',
	async (type) => {
		const response = await post(world().app, '/v1/traces', type, bodyOf('traces', 'application/x-protobuf'));
		expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
	},
);

test.each(['snappy', 'br', 'gzip, gzip'])(
	'Content-Encoding %s is 400 and names what is supported',
	async (encoding) => {
		const response = await post(world().app, '/v1/traces', 'application/json', '{}', { 'content-encoding': encoding });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ message: expect.stringContaining('support') as string });
	},
);

test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s is 405 and names POST', async (method) => {
	const response = await world().app.request('/v1/traces', { method });
	expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
	expect(await response.json()).toMatchObject({ code: 12 });
});

test.each(['/', '/v1/trace', '/v1', '/v1/traces/x', '/api/v2/spans'])(
	'POST %s is 404 and names the right path',
	async (path) => {
		const { app, events } = world();
		const response = await post(app, path, 'application/x-protobuf', new Uint8Array());
		expect(response.status).toBe(404);
		expect((await statusOf(response)).message).toContain(
			'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT to http://localhost/v1/traces',
		);
		expect(events[0]).toMatchObject(['requestFailed', { method: 'POST', path, status: 404 }]);
	},
);

test('one slash at the end of a path is no matter', async () => {
	for (const signal of SIGNALS)
		expect((await post(world().app, `/v1/${signal}/`, 'application/json', '{}')).status).toBe(200);
});

describe('when the spans cannot be taken', () => {
	test.each([
		['a full store', new ProblemError(503, 'SPOOL_FULL', 'the spool is full'), 503, 14, '5'],
		['a queue', new ProblemError(503, 'STORE_BUSY', 'wait', { retryAfterMs: 12_001 }), 503, 14, '13'],
		['an instant', new ProblemError(503, 'STORE_BUSY', 'wait', { retryAfterMs: 0 }), 503, 14, '1'],
		['a rate limit', new ProblemError(429, 'RATE_LIMITED', 'too many spans'), 429, 8, '5'],
		['a bug', new TypeError('x is undefined'), 503, 14, '5'],
		['an error of the collector itself', new ProblemError(500, 'INTERNAL', 'oops'), 503, 14, '5'],
	])('%s is answered so that the client comes again', async (_, error, status, code, retryAfter) => {
		for (const type of TYPES) {
			const { app, events } = world({ append: () => Promise.reject(error) });
			const response = await post(app, '/v1/traces', type, bodyOf('traces', type));
			expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
			expect(await statusOf(response)).toMatchObject({ code });
			expect(events.map(([name]) => name)).toEqual(['requestReceived', 'requestFailed', 'answered']);
		}
	});

	test('what a bug says stays in the log', async () => {
		const { app } = world({ append: () => Promise.reject(new Error('password=hunter2')) });
		const response = await post(app, '/v1/traces', 'application/json', bodyOf('traces', 'application/json'));
		expect(await response.text()).not.toContain('hunter2');
	});

	test.each([
		[401, 16],
		[403, 7],
	])('a key that is refused with %i is code %i, and the body is not read', async (status, code) => {
		const { app, events } = world({
			project: () => {
				throw new ProblemError(status, 'KEY', 'this key is not known');
			},
		});
		const response = await post(
			app,
			'/v1/traces',
			'application/x-protobuf',
			bodyOf('traces', 'application/x-protobuf'),
		);
		expect(response.status).toBe(status);
		expect(await statusOf(response)).toMatchObject({ code, message: 'this key is not known' });
		expect(events.map(([name]) => name)).toEqual(['requestFailed', 'answered']);
	});
});

describe('room', () => {
	const body = gzipSync(Buffer.alloc(600_000));
	const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
	const post = async (app: Hono) => (await app.request('/v1/traces', { method: 'POST', headers, body })).status;

	test('what does not fit beside other requests is 503, and fits again when they are answered', async () => {
		const gate = Promise.withResolvers<void>();
		const { app } = world({ maxBytesInFlight: 1_000_000, append: () => gate.promise });
		const first = app.request('/v1/traces', {
			method: 'POST',
			headers: { 'content-type': 'application/x-protobuf' },
			body: encodeProto('ExportTraceServiceRequest', {
				resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids(span), name: 'x'.repeat(900_000) }] }] }],
			}),
		});
		await expect.poll(() => post(app)).toBe(503);
		gate.resolve();
		expect((await first).status).toBe(200);
		expect(await post(app)).toBe(400); // It fits now, and zeros are no request.
	});

	test('a request larger than all the room is taken when nothing else is there', async () => {
		const { app } = world({ maxBytesInFlight: 1_000 });
		expect(await post(app)).toBe(400);
	});
});

test('a bomb of 100 MB of zeros is refused while it is inflated', async () => {
	const bomb = await PACKINGS.gzip(new Uint8Array(100_000_000));
	expect(bomb.length).toBeLessThan(200_000);
	const response = await post(world().app, '/v1/traces', 'application/x-protobuf', bomb, {
		'content-encoding': 'gzip',
	});
	expect(response.status).toBe(413);
});

test('a body that says it is too long is not read; one that does not say is read up to the limit', async () => {
	let pulled = 0;
	const endless = () =>
		new ReadableStream<Uint8Array>({
			pull: (controller) => {
				pulled++;
				controller.enqueue(new Uint8Array(10_000));
			},
		});
	const { app } = world({ limits: { maxBodyBytes: 100_000, retentionMs: 1 } });
	const send = (headers: Record<string, string>) =>
		app.request('/v1/traces', {
			method: 'POST',
			headers: { 'content-type': 'application/x-protobuf', ...headers },
			body: endless(),
			duplex: 'half',
		});
	expect((await send({ 'content-length': '200000' })).status).toBe(413);
	expect(pulled).toBeLessThan(3);
	expect((await send({})).status).toBe(413);
	expect(pulled).toBeLessThan(20);
});

test('a body that breaks off is refused, and nothing of it is stored', async () => {
	const { app, blocks } = world();
	const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('aborted')) });
	const headers = { 'content-type': 'application/x-protobuf' };
	const response = await app.request('/v1/traces', { method: 'POST', headers, body, duplex: 'half' });
	expect(response.status).toBe(400);
	expect(blocks).toEqual([]);
});

test('a body of several MiB is decoded in a thread and stored whole', async () => {
	const [payload] = makePayloads({ spansPerRequest: 8_000, requests: 1, seed: 2, encoding: 'protobuf' });
	const { app, blocks, events } = world();
	const response = await post(app, '/v1/traces', 'application/x-protobuf', await PACKINGS.zstd(payload!.body), {
		'content-encoding': 'zstd',
	});
	expect(response.status).toBe(200);
	expect(blocks[0]!.rows).toBe(8_000);
	expect(events[0]).toMatchObject([
		'requestReceived',
		{ encoding: 'protobuf', contentEncoding: 'zstd', bytes: payload!.body.length },
	]);
});

describe('metrics and logs', () => {
	const example = (name: string) =>
		readFile(new URL(`../fixtures/otlp-examples/proto-example-${name}.json`, import.meta.url), 'utf8');

	test('metrics are counted, and the answer says that they are not kept', async () => {
		const { app, events } = world();
		const response = await post(app, '/v1/metrics', 'application/json', await example('metrics'));
		expect(response.status).toBe(200);
		expect(await response.json()).toEqual({
			partialSuccess: {
				rejectedDataPoints: '4',
				errorMessage: 'Spanhouse stores traces and their logs; set OTEL_METRICS_EXPORTER=none to stop sending metrics',
			},
		});
		expect(events).toContainEqual(['rejected', { signal: 'metrics', reason: 'signal_not_stored', count: 4 }]);
	});

	test('the log record of the specification belongs to a trace and is kept', async () => {
		const { app, logs, events } = world();
		const response = await post(app, '/v1/logs', 'application/json', await example('logs'));
		expect([response.status, await response.json()]).toEqual([200, {}]);
		expect(logs[0]!.records).toMatchObject([
			{
				traceId: '5b8efff798038103d269b633813fc60c',
				spanId: 'eee19b7ec3c1b174',
				severity: 10,
				body: 'sExample log record',
			},
		]);
		expect(events.map(([name]) => name)).toContain('logsAccepted');
	});

	test('log records without a trace are counted, and the answer says why, unless it is to keep quiet', async () => {
		const body = JSON.stringify({
			resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'a' } }, {}] }] }],
		});
		const { app, logs, events } = world();
		const response = await post(app, '/v1/logs', 'application/json', body);
		const { partialSuccess } = (await response.json()) as { partialSuccess: Record<string, string> };
		expect(partialSuccess['rejectedLogRecords']).toBe('2');
		expect(partialSuccess['errorMessage']).toContain(
			'2 log records not kept: Spanhouse keeps logs that belong to a trace',
		);
		expect(logs).toEqual([]);
		expect(events).toContainEqual(['rejected', { signal: 'logs', reason: 'no_trace', count: 2 }]);
		const quiet = world({ otherSignals: 'accept' });
		expect(await (await post(quiet.app, '/v1/logs', 'application/json', body)).json()).toEqual({});
		expect(quiet.events).toContainEqual(['rejected', { signal: 'logs', reason: 'no_trace', count: 2 }]);
	});

	test('log records beyond the quota are counted and reported; those with an exception are kept all the same', async () => {
		const record = { traceId: span.traceId };
		const exception = { attributes: [{ key: 'exception.type', value: { stringValue: 'E' } }] };
		const logRecords = [record, record, exception, record, exception];
		const { app, logs, events } = world({ logQuota: new LogQuota(1, () => receivedMs) });
		const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
		expect(await (await post(app, '/v1/logs', 'application/json', body)).json()).toEqual({
			partialSuccess: { rejectedLogRecords: '2', errorMessage: '2 log records not kept: more than 1 a minute' },
		});
		expect(logs[0]!.records.map(({ exceptionType }) => exceptionType)).toEqual(['', 'E', 'E']);
		expect(events).toContainEqual(['rejected', { signal: 'logs', reason: 'log_quota', count: 2 }]);
	});

	test('log records that could not be stored are refused whole, and cost nothing of the quota', async () => {
		const logQuota = new LogQuota(5, () => receivedMs);
		const appendLogs = () => Promise.reject(new ProblemError(503, 'SPOOL_FULL', 'full', { retryAfterMs: 2_000 }));
		const { app, events } = world({ appendLogs, logQuota });
		const response = await post(app, '/v1/logs', 'application/json', await example('logs'));
		expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2']);
		expect(events.map(([name]) => name)).not.toContain('logsAccepted');
		expect(logQuota.available()).toBe(5);
	});

	test('are counted in protobuf as well', async () => {
		const message = (field: number, ...content: Uint8Array[]) => {
			const bytes = Buffer.concat(content);
			return Buffer.concat([Uint8Array.of(field * 8 + 2, bytes.length), bytes]);
		};
		const point = message(1, Uint8Array.of(0x19, 1, 2, 3, 4, 5, 6, 7, 8));
		const metric = message(2, message(1, Buffer.from('m')), message(7, point, point));
		const body = message(1, message(2, metric, message(2, message(11, point))));
		const response = await post(world().app, '/v1/metrics', 'application/x-protobuf', body);
		expect(decodeProto('ExportResponse', new Uint8Array(await response.arrayBuffer()))).toMatchObject({
			partialSuccess: { rejected: '3' },
		});
	});

	test('are plainly accepted where the warning was switched off', async () => {
		const { app } = world({ otherSignals: 'accept' });
		expect(await (await post(app, '/v1/metrics', 'application/json', await example('metrics'))).text()).toBe('{}');
	});
});

test('the golden trace of opentelemetry-proto is stored as it is written', async () => {
	const { app, blocks } = world();
	const body = await readFile(new URL('../fixtures/otlp-examples/proto-example-trace.json', import.meta.url));
	expect((await post(app, '/v1/traces', 'application/json', body)).status).toBe(200);
	expect(viewSpans(blocks[0]!)).toMatchObject([
		{
			traceId: '5b8efff798038103d269b633813fc60c',
			spanId: 'eee19b7ec3c1b174',
			parentSpanId: 'eee19b7ec3c1b173',
			name: "I'm a server span",
			startUnixNano: 1_544_712_660_000_000_000n,
			endUnixNano: 1_544_712_661_000_000_000n,
			durationNano: 1_000_000_000n,
			timeUnixMs: BigInt(receivedMs),
			kind: 2,
			marks: ['clockAdjusted'],
			attributes: { 'my.span.attr': 'ssome value' },
			service: 'my.service',
			scope: 'my.library@1.0.0',
			entry: true,
		},
	]);
	expect(blocks[0]!.scopes[0]!.attributes).toEqual([['my.scope.attribute', 'ssome scope attribute']]);
});

describe('browsers', () => {
	const preflight = (origin: string) =>
		world().app.request('/v1/traces', {
			method: 'OPTIONS',
			headers: {
				origin,
				'access-control-request-method': 'POST',
				'access-control-request-headers': 'content-type,x-key',
			},
		});

	test('at a listed origin may ask and send', async () => {
		const response = await preflight('https://shop.example.com');
		expect(response.status).toBe(204);
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'access-control-allow-origin': 'https://shop.example.com',
			'access-control-allow-methods': 'POST',
			'access-control-allow-headers': 'content-type,x-key',
			'access-control-max-age': '7200',
			vary: 'Origin',
		});
	});

	test.each(['https://example.org', 'https://example.com.evil.org', 'https://a/.example.com', 'null'])(
		'at %s are told nothing',
		async (origin) => {
			expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
		},
	);

	test('anywhere are let in when every origin is listed', async () => {
		const response = await post(world({ corsOrigins: ['*'] }).app, '/v1/traces', 'application/json', '{}', {
			origin: 'https://any.where',
		});
		expect(response.headers.get('access-control-allow-origin')).toBe('https://any.where');
	});

	test('see the status and Retry-After of a refusal too', async () => {
		const { app } = world({ append: () => Promise.reject(new ProblemError(503, 'SPOOL_FULL', 'full')) });
		const response = await post(app, '/v1/traces', 'application/json', bodyOf('traces', 'application/json'), {
			origin: 'https://shop.example.com',
		});
		expect(response.status).toBe(503);
		expect(Object.fromEntries(response.headers)).toMatchObject({
			'access-control-allow-origin': 'https://shop.example.com',
			'access-control-expose-headers': 'Retry-After',
			'retry-after': '5',
		});
	});
});
