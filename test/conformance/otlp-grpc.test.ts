import { createServer, connect as connectTcp } from 'node:net';
import { connect as connectHttp2 } from 'node:http2';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
	Client,
	compressionAlgorithms,
	credentials,
	Metadata,
	status,
	type ChannelOptions,
	type ServiceError,
	type StatusObject,
} from '@grpc/grpc-js';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { TracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../collector/log.ts';
import { ProblemError } from '../../collector/problem.ts';
import type { IngestObserver } from '../../collector/receiver/ingest-observer.ts';
import { LogQuota } from '../../collector/receiver/log-quota.ts';
import { otlpGrpc, type OtlpGrpc, type OtlpGrpcOptions } from '../../collector/receiver/otlp-grpc.ts';
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
const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => pool.close());

type Event = [name: keyof IngestObserver, detail: unknown];

interface World {
	server: OtlpGrpc;
	client: Client;
	blocks: SpanBlock[];
	logs: LogBlock[];
	events: Event[];
	connect: (options?: ChannelOptions) => Client;
}

async function world(over: Partial<OtlpGrpcOptions> = {}): Promise<World> {
	const blocks: SpanBlock[] = [];
	const logs: LogBlock[] = [];
	const events: Event[] = [];
	const server = await otlpGrpc({
		host: '127.0.0.1',
		port: 0,
		append: async ({ frame }) => void blocks.push(openSpanBlock(frame)),
		appendLogs: async ({ frame }) => void logs.push(openLogBlock(frame)),
		logQuota: new LogQuota(100, () => receivedMs),
		project: () => 'default',
		limits: { maxBodyBytes: 64 * MiB, retentionMs: 7 * 86_400_000 },
		maxBytesInFlight: 128 * MiB,
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
		checkReady: () => Promise.resolve(),
		drainMs: 500,
		log: silentLog,
		...over,
	});
	closing.push(() => server.close());
	const connect = (options: ChannelOptions = {}) => {
		const client = new Client(server.address, credentials.createInsecure(), {
			'grpc.use_local_subchannel_pool': 1,
			...options,
		});
		closing.push(() => client.close());
		return client;
	};
	return { server, client: connect(), blocks, logs, events, connect };
}

const SERVICES = {
	traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
	metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
	logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
} as const;
type Signal = keyof typeof SERVICES;
const SIGNALS = Object.keys(SERVICES) as Signal[];
const path = (signal: Signal) => `/${SERVICES[signal]}/Export`;

interface Answer {
	code: status;
	message: string;
	body: Uint8Array | undefined;
	/** google.rpc.Status out of the trailers. */
	details: { code?: number; message?: string; details?: { typeUrl: string; value: Uint8Array }[] } | undefined;
}

const asSent = (bytes: Uint8Array) => Buffer.from(bytes);

function unary(client: Client, method: string, body: Uint8Array, deadlineMs = 20_000): Promise<Answer> {
	const { promise, resolve } = Promise.withResolvers<Answer>();
	const options = { deadline: Date.now() + deadlineMs };
	client.makeUnaryRequest(method, asSent, asSent, body, new Metadata(), options, (error, answer) => {
		const failed: ServiceError | StatusObject | null = error;
		const [details] = failed?.metadata.get('grpc-status-details-bin') ?? [];
		resolve({
			code: failed?.code ?? status.OK,
			message: failed?.details ?? '',
			body: answer === undefined ? undefined : new Uint8Array(answer),
			details: details === undefined ? undefined : decodeProto('RpcStatus', Buffer.from(details)),
		});
	});
	return promise;
}

const send = (to: World | Client, signal: Signal, body: Uint8Array) =>
	unary(to instanceof Client ? to : to.client, path(signal), body);

const retryInfo = ({ details }: Answer) =>
	details?.details
		?.filter(({ typeUrl }) => typeUrl === 'type.googleapis.com/google.rpc.RetryInfo')
		.map(({ value }) => decodeProto('RetryInfo', value));

const span = {
	traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'),
	spanId: Buffer.from('eee19b7ec3c1b174', 'hex'),
	name: 'work',
};
const badSpan = { ...span, traceId: Buffer.alloc(16) };
const traces = (...spans: Record<string, unknown>[]) =>
	encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
const bodyOf = (signal: Signal) => (signal === 'traces' ? traces(span) : new Uint8Array());

const PACKINGS = {
	identity: {},
	gzip: { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip },
	deflate: { 'grpc.default_compression_algorithm': compressionAlgorithms.deflate },
} as const;
const CASES = SIGNALS.flatMap((signal) =>
	(Object.keys(PACKINGS) as (keyof typeof PACKINGS)[]).map((packing) => [signal, packing] as const),
);

describe('every signal and encoding', () => {
	test.each(CASES)('%s in %s: success is OK with an empty message', async (signal, packing) => {
		const { connect, blocks, events } = await world();
		const answer = await send(connect(PACKINGS[packing]), signal, bodyOf(signal));
		expect(answer).toMatchObject({ code: status.OK, body: new Uint8Array() });
		expect(blocks.map((block) => block.rows)).toEqual(signal === 'traces' ? [1] : []);
		expect(events[0]).toMatchObject(['requestReceived', { signal, encoding: 'protobuf', remote: '127.0.0.1' }]);
		expect(events.at(-1)).toEqual(['answered', 200]);
	});

	test.each(CASES)('%s in %s: an empty request is fine', async (signal, packing) => {
		const { connect, blocks } = await world();
		expect(await send(connect(PACKINGS[packing]), signal, new Uint8Array())).toMatchObject({ code: status.OK });
		expect(blocks).toEqual([]);
	});

	test.each(CASES)('%s in %s: a damaged message is INVALID_ARGUMENT, and says where', async (signal, packing) => {
		const { connect, blocks, events } = await world();
		const answer = await send(connect(PACKINGS[packing]), signal, Uint8Array.of(0x0a, 0x7f, 0x01));
		expect(answer.code).toBe(status.INVALID_ARGUMENT);
		expect(answer.details).toMatchObject({ code: 3, message: answer.message });
		const [detail] = answer.details!.details!;
		expect(detail!.typeUrl).toBe('type.googleapis.com/google.rpc.BadRequest');
		expect(decodeProto('BadRequest', detail!.value)).toMatchObject({ fieldViolations: [{ field: 'body[1]' }] });
		expect(blocks).toEqual([]);
		expect(events.at(-2)).toMatchObject(['requestFailed', { method: 'POST', path: path(signal), status: 400 }]);
	});

	test.each(CASES)(
		'%s in %s: a message over the limit is RESOURCE_EXHAUSTED, and not to be sent again',
		async (signal, packing) => {
			const { connect, events } = await world({ limits: { maxBodyBytes: 20_000, retentionMs: 1 } });
			const answer = await send(connect(PACKINGS[packing]), signal, new Uint8Array(1_000_000));
			expect(answer.code).toBe(status.RESOURCE_EXHAUSTED);
			expect(retryInfo(answer) ?? []).toEqual([]);
			await until(() => events.some(([name]) => name === 'requestFailed'));
			expect(events[0]).toMatchObject(['requestFailed', { path: path(signal), status: 413 }]);
			expect(events[1]).toEqual(['answered', 413]);
		},
	);
});

async function until(holds: () => boolean): Promise<void> {
	for (let i = 0; i < 200 && !holds(); i++) await pause(10);
	expect(holds()).toBe(true);
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('spans with bad ids are partly accepted, never refused as a whole', async () => {
	const { client, blocks, events } = await world();
	const answer = await send(client, 'traces', traces(span, badSpan));
	expect(answer.code).toBe(status.OK);
	expect(decodeProto('ExportResponse', answer.body!)).toEqual({
		partialSuccess: {
			rejected: '1',
			errorMessage: '1 span rejected: trace id is not 16 bytes that are not all zero',
		},
	});
	expect(blocks[0]!.rows).toBe(1);
	expect(events).toContainEqual([
		'rejected',
		expect.objectContaining({ signal: 'traces', reason: 'invalid_trace_id', count: 1 }),
	]);
});

test('what is sent arrives: ids and names', async () => {
	const { client, blocks } = await world();
	await send(client, 'traces', traces(span));
	expect(viewSpans(blocks[0]!)).toMatchObject([
		{ traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', name: 'work' },
	]);
});

test('metrics, and logs without a trace, are counted, and the answer says that they are not kept', async () => {
	const message = (field: number, ...content: Uint8Array[]) => {
		const bytes = Buffer.concat(content);
		return Buffer.concat([Uint8Array.of(field * 8 + 2, bytes.length), bytes]);
	};
	const point = message(1, Uint8Array.of(0x19, 1, 2, 3, 4, 5, 6, 7, 8));
	const bodies = {
		metrics: message(1, message(2, message(2, message(7, point, point)))),
		logs: message(1, message(2, message(2, Buffer.alloc(0)), message(2, Buffer.alloc(0)))),
	};
	const reasons = { metrics: 'signal_not_stored', logs: 'no_trace' };
	for (const signal of ['metrics', 'logs'] as const) {
		const { client, events } = await world();
		const answer = await send(client, signal, bodies[signal]);
		expect(decodeProto('ExportResponse', answer.body!)).toEqual({
			partialSuccess: {
				rejected: '2',
				errorMessage: expect.stringContaining(
					`set OTEL_${signal.toUpperCase()}_EXPORTER=none to stop sending ${signal}`,
				),
			},
		});
		expect(events).toContainEqual(['rejected', { signal, reason: reasons[signal], count: 2 }]);
	}
});

test('a log record of a trace is kept', async () => {
	const { client, logs } = await world();
	const record = { traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'), body: { stringValue: 'hello' } };
	const body = encodeProto('ExportLogsServiceRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
	expect((await send(client, 'logs', body)).body).toHaveLength(0);
	expect(logs[0]!.records).toMatchObject([{ traceId: '5b8efff798038103d269b633813fc60c', spanId: '', body: 'shello' }]);
});

test('a message of several MiB is decoded in a thread and stored whole, and its sizes are told', async () => {
	const [payload] = makePayloads({ spansPerRequest: 8_000, requests: 1, seed: 2, encoding: 'protobuf' });
	const { connect, blocks, events } = await world();
	expect(await send(connect(PACKINGS.gzip), 'traces', payload!.body)).toMatchObject({ code: status.OK });
	expect(blocks[0]!.rows).toBe(8_000);
	const packed = await promisify(gzip)(payload!.body);
	const [, received] = events[0]!;
	expect(received).toMatchObject({ contentEncoding: 'gzip', bytes: payload!.body.length });
	expect((received as { wireBytes: number }).wireBytes / packed.length).toBeCloseTo(1, 1);
});

test('a bomb of 100 MB of zeros is refused while it is inflated', async () => {
	const { server } = await world();
	const bomb = await promisify(gzip)(new Uint8Array(100_000_000));
	expect(await rawCall(server, { body: frame(1, bomb), encoding: 'gzip' })).toMatchObject({ code: 8 });
});

test.each([
	['UNIMPLEMENTED', 'a service that is not there', '/opentelemetry.proto.collector.trace.v1.TraceService/Import'],
	['UNIMPLEMENTED', 'profiles', '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'],
] as const)('%s answers %s', async (code, _, method) => {
	const { client } = await world();
	expect((await unary(client, method, new Uint8Array())).code).toBe(status[code]);
});

describe('when the spans cannot be taken', () => {
	test.each([
		['a full store', new ProblemError(503, 'SPOOL_FULL', 'the spool is full'), status.UNAVAILABLE, 5, 503],
		['a store that says when', full(12_000), status.UNAVAILABLE, 12, 503],
		['a rate limit', new ProblemError(429, 'RATE_LIMITED', 'too many spans'), status.RESOURCE_EXHAUSTED, 5, 429],
		['a bug', new TypeError('password=hunter2'), status.UNAVAILABLE, 5, 503],
		['an error of the collector itself', new ProblemError(500, 'X', 'oops'), status.UNAVAILABLE, 5, 503],
	])('%s is answered so that the client comes again', async (_, error, code, seconds, httpStatus) => {
		const { client, events } = await world({ append: () => Promise.reject(error) });
		const answer = await send(client, 'traces', traces(span));
		expect(answer.code).toBe(code);
		expect(retryInfo(answer)).toEqual([{ retryDelay: { seconds: String(seconds) } }]);
		expect(JSON.stringify(answer)).not.toContain('hunter2');
		expect(events.map(([name]) => name)).toEqual(['requestReceived', 'requestFailed', 'answered']);
		expect(events.at(-1)).toEqual(['answered', httpStatus]);
	});

	test.each([
		[401, status.UNAUTHENTICATED],
		[403, status.PERMISSION_DENIED],
	])('a key that is refused with %i is refused before the message is read, for good', async (httpStatus, code) => {
		const { client, events } = await world({
			project: () => {
				throw new ProblemError(httpStatus, 'KEY', 'this key is not known');
			},
		});
		const answer = await send(client, 'traces', traces(span));
		expect(answer).toMatchObject({ code, message: 'this key is not known' });
		expect(retryInfo(answer)).toBeUndefined();
		expect(events.map(([name]) => name)).toEqual(['requestFailed', 'answered']);
	});

	test('a text that cannot be a header is cut and mended, not a crash', async () => {
		const message = `${'€'.repeat(298)}\u{1f4a5}\ud800 and more`;
		const { client } = await world({ append: () => Promise.reject(new ProblemError(503, 'X', message)) });
		const answer = await send(client, 'traces', traces(span));
		expect(answer.code).toBe(status.UNAVAILABLE);
		expect(answer.message).toMatch(/^€{298}.…$/u);
	});
});

function full(retryAfterMs: number): ProblemError {
	return new ProblemError(503, 'SPOOL_FULL', 'the spool is full', { retryAfterMs });
}

describe('room for messages', () => {
	test('is bounded: what does not fit is asked to come again, and fits once others are done', async () => {
		const gate = Promise.withResolvers<void>();
		const { client, events } = await world({ append: () => gate.promise, maxBytesInFlight: 2_000 });
		const large = traces({ ...span, name: 'x'.repeat(1_500) });
		const first = send(client, 'traces', large);
		await until(() => events.length > 0);
		const second = await send(client, 'traces', large);
		expect(second.code).toBe(status.UNAVAILABLE);
		expect(retryInfo(second)).toEqual([{ retryDelay: { seconds: '5' } }]);
		expect(await send(client, 'metrics', new Uint8Array())).toMatchObject({ code: status.OK });
		gate.resolve();
		expect(await first).toMatchObject({ code: status.OK });
		expect(await send(client, 'traces', large)).toMatchObject({ code: status.OK });
	});

	test('is held from the first bytes of a message, and given back when the client goes away', async () => {
		const { server, client, events } = await world({ maxBytesInFlight: 10_000 });
		const session = connectHttp2(`http://${server.address}`);
		const slow = session.request(grpcHeaders(path('traces')));
		slow.on('error', () => undefined);
		slow.write(frame(0, new Uint8Array(9_500)).subarray(0, 100));
		const small = traces({ ...span, name: 'x'.repeat(1_000) });
		let refused: Answer | undefined;
		for (let i = 0; i < 100 && refused?.code !== status.UNAVAILABLE; i++) refused = await send(client, 'traces', small);
		expect(refused!.code).toBe(status.UNAVAILABLE);
		session.destroy();
		await until(() => events.some(([, detail]) => (detail as { status?: number }).status === 400));
		expect(await send(client, 'traces', small)).toMatchObject({ code: status.OK });
	});

	test('is asked for again when a message is unpacked', async () => {
		const gate = Promise.withResolvers<void>();
		const { server, client, events } = await world({ append: () => gate.promise, maxBytesInFlight: 20_000 });
		const first = send(client, 'traces', traces({ ...span, name: 'x'.repeat(10_000) }));
		await until(() => events.length > 0);
		const bomb = await promisify(gzip)(new Uint8Array(1_000_000));
		const answers = await Promise.all(
			Array.from({ length: 5 }, () => rawCall(server, { body: frame(1, bomb), encoding: 'gzip' })),
		);
		expect(answers.map(({ code }) => code)).toEqual([14, 14, 14, 14, 14]);
		gate.resolve();
		expect(await first).toMatchObject({ code: status.OK });
	});

	test('is given back by every kind of call', async () => {
		const { server, client } = await world({
			maxBytesInFlight: 5_000,
			limits: { maxBodyBytes: 4_000, retentionMs: 1 },
		});
		for (let i = 0; i < 20; i++) {
			await send(client, 'traces', traces({ ...span, name: 'x'.repeat(1_500) }));
			await send(client, 'traces', Uint8Array.of(0x0a, 0x7f, ...new Uint8Array(1_500)));
			await send(client, 'traces', new Uint8Array(4_500));
			await unary(client, '/grpc.health.v1.Health/Check', new Uint8Array(1_500));
			await rawCall(server, { body: frame(1, new Uint8Array(1_000)), encoding: 'gzip' });
			await rawCall(server, { body: frame(0, new Uint8Array(1_000)).subarray(0, 500) });
		}
		expect(await send(client, 'traces', traces({ ...span, name: 'x'.repeat(3_000) }))).toMatchObject({
			code: status.OK,
		});
	});
});

interface RawCall {
	method?: string;
	body: Uint8Array;
	encoding?: string;
	type?: string;
	end?: boolean;
}

const grpcHeaders = (method: string, encoding?: string, type = 'application/grpc') => ({
	':method': 'POST',
	':path': method,
	'content-type': type,
	te: 'trailers',
	...(encoding === undefined ? {} : { 'grpc-encoding': encoding }),
});

const frame = (flag: number, message: Uint8Array) => {
	const prefix = Buffer.alloc(5);
	prefix[0] = flag;
	prefix.writeUInt32BE(message.length, 1);
	return Buffer.concat([prefix, message]);
};

/** A call without any gRPC client, for what such a client never does. */
function rawCall(server: OtlpGrpc, { method = path('traces'), body, encoding, type }: RawCall) {
	const session = connectHttp2(`http://${server.address}`);
	const stream = session.request(grpcHeaders(method, encoding, type));
	const { promise, resolve, reject } = Promise.withResolvers<{ httpStatus: number; code: number; message: string }>();
	const seen: Record<string, string | number | string[] | undefined> = {};
	stream.on('response', (headers) => Object.assign(seen, headers));
	stream.on('trailers', (headers) => Object.assign(seen, headers));
	stream.on('error', () => undefined);
	session.on('error', reject);
	stream.on('close', () => {
		session.destroy();
		const message = decodeURIComponent(String(seen['grpc-message']));
		resolve({ httpStatus: Number(seen[':status']), code: Number(seen['grpc-status']), message });
	});
	stream.resume();
	stream.end(body);
	return promise;
}

describe('clients that are not quite right', () => {
	test('a message cut short is INVALID_ARGUMENT, and nothing of it is stored', async () => {
		const { server, blocks, events } = await world();
		const whole = frame(0, traces(span));
		expect(await rawCall(server, { body: whole.subarray(0, whole.length - 3) })).toMatchObject({ code: 3 });
		expect(await rawCall(server, { body: whole.subarray(0, 3) })).toMatchObject({ code: 3 });
		expect(await rawCall(server, { body: new Uint8Array() })).toMatchObject({ code: 3 });
		expect(blocks).toEqual([]);
		await until(() => events.length === 6);
		expect(events[0]).toMatchObject(['requestFailed', { status: 400, detail: 'the request is not one whole message' }]);
	});

	test('a second message is INVALID_ARGUMENT as soon as it begins, and neither is stored', async () => {
		const { server, blocks, events } = await world();
		const whole = frame(0, traces(span));
		expect(await rawCall(server, { body: Buffer.concat([whole, whole]) })).toMatchObject({ code: 3 });
		const session = connectHttp2(`http://${server.address}`);
		const endless = session.request(grpcHeaders(path('traces')));
		const answered = new Promise((resolve) => endless.once('response', resolve));
		endless.write(whole);
		await pause(50);
		endless.write(frame(0, new Uint8Array(1_000)).subarray(0, 10));
		expect(await answered).toMatchObject({ 'grpc-status': '3' });
		session.destroy();
		expect(blocks).toEqual([]);
		expect(events.map(([name]) => name)).toEqual(['requestFailed', 'answered', 'requestFailed', 'answered']);
	});

	test.each([
		['says nothing', new Uint8Array()],
		['stops in the middle', frame(0, new Uint8Array(1_000)).subarray(0, 100)],
		['never says that it is done', frame(0, traces(span))],
	])('a client that %s is not waited for without end', async (_, body) => {
		const { server, blocks, events } = await world({ readTimeoutMs: 100 });
		const session = connectHttp2(`http://${server.address}`);
		const call = session.request(grpcHeaders(path('traces')));
		const answered = new Promise((resolve) => call.once('response', resolve));
		call.write(body);
		expect(await answered).toMatchObject({ 'grpc-status': '4' });
		session.destroy();
		await until(() => events.length === 2);
		expect(events[0]).toMatchObject(['requestFailed', { status: 408, detail: 'the message did not arrive in time' }]);
		expect(blocks).toEqual([]);
	});

	test.each(['zstd', 'snappy', 'br'])('%s is UNIMPLEMENTED, by name', async (encoding) => {
		const { server, events } = await world();
		const answer = await rawCall(server, { body: frame(1, traces(span)), encoding });
		expect(answer).toMatchObject({ code: 12, message: expect.stringContaining(encoding) as string });
		await until(() => events.length === 2);
		expect(events[0]).toMatchObject(['requestFailed', { status: 415 }]);
	});

	test('damaged gzip is INVALID_ARGUMENT', async () => {
		const { server, blocks } = await world();
		const packed = await promisify(gzip)(traces(span));
		const body = frame(1, packed.subarray(0, packed.length - 12));
		expect(await rawCall(server, { body, encoding: 'gzip' })).toMatchObject({
			code: 3,
			message: expect.stringContaining('gzip') as string,
		});
		expect(blocks).toEqual([]);
	});

	test('a message that is not packed although the call names an encoding is read as it is', async () => {
		const { server, blocks, events } = await world();
		expect(await rawCall(server, { body: frame(0, traces(span)), encoding: 'gzip' })).toMatchObject({ code: 0 });
		expect(blocks).toHaveLength(1);
		expect(events[0]).toMatchObject(['requestReceived', { contentEncoding: 'identity' }]);
	});

	test('another content type is HTTP status 415', async () => {
		const { server } = await world();
		expect(await rawCall(server, { body: frame(0, traces(span)), type: 'application/json' })).toMatchObject({
			httpStatus: 415,
		});
	});

	test('HTTP/1 is told which port it has found, and what is on the status page says so', async () => {
		const { server, events } = await world();
		const response = await fetch(`http://${server.address}/v1/traces`, { method: 'POST', body: '{}' });
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code: 3, message: expect.stringContaining('4318') as string });
		expect(events).toMatchObject([['requestFailed', { method: 'POST', path: '/v1/traces', status: 400 }]]);
	});

	test.each([
		['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc]), 'TLS'],
		['noise', Buffer.from('\0\u0001\u0002hello'), 'TCP'],
		['something that begins like HTTP/2', Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n and more'), 'TCP'],
	])('%s is cut off, and the next client is served', async (_, bytes, method) => {
		const { server, client, events } = await world();
		const [host, port] = server.address.split(':');
		const socket = connectTcp(Number(port), host);
		const closed = new Promise((resolve) => socket.once('close', resolve));
		socket.on('error', () => undefined);
		socket.resume();
		socket.write(bytes);
		await closed;
		expect(events).toMatchObject([
			[
				'requestFailed',
				{ method, status: 400, detail: expect.stringMatching(/^this port takes OTLP over gRPC/) as string },
			],
		]);
		expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	});

	test('a client that takes its time with the first bytes is served like any other', async () => {
		const { server } = await world();
		const [host, port] = server.address.split(':');
		const proxy = createServer((near) => {
			const far = connectTcp(Number(port), host);
			far.setNoDelay(true);
			far.pipe(near);
			near.once('data', async (first: Buffer) => {
				near.pause();
				for (const byte of first.subarray(0, 30)) {
					far.write(Buffer.of(byte));
					await pause(2);
				}
				far.write(first.subarray(30));
				near.pipe(far);
			});
			near.on('error', () => undefined);
			far.on('error', () => undefined);
		});
		await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
		closing.push(() => proxy.close());
		const { port: proxyPort } = proxy.address() as { port: number };
		const client = new Client(`127.0.0.1:${proxyPort}`, credentials.createInsecure());
		closing.push(() => client.close());
		expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	});
});

test('whatever frames follow the greeting, the next client is served', async () => {
	const { server, client, blocks } = await world();
	const [host, port] = server.address.split(':');
	// A generator with a seed, so that a failure can be repeated.
	let seed = 1;
	const random = (below: number) => {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((seed / 2 ** 32) * below);
	};
	const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
	for (let i = 0; i < 150; i++) {
		const frames = Array.from({ length: 1 + random(8) }, () => {
			const payload = Buffer.from(Array.from({ length: random(40) }, () => random(256)));
			const header = Buffer.from([0, 0, payload.length, random(12), random(256), 0, 0, 0, random(4)]);
			return Buffer.concat([header, payload]);
		});
		const socket = connectTcp(Number(port), host);
		socket.on('error', () => undefined);
		socket.resume();
		socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, ...frames]));
		await pause(2);
		socket.destroy();
	}
	expect(await send(client, 'traces', traces(span))).toMatchObject({ code: status.OK });
	expect(blocks).toHaveLength(1);
});

test('a connection may have a hundred requests at once and send a mebibyte of each ahead', async () => {
	const { server } = await world();
	const session = connectHttp2(`http://${server.address}`);
	closing.push(() => session.destroy());
	const call = session.request(grpcHeaders(path('traces')));
	call.resume();
	call.end(frame(0, traces(span)));
	await new Promise((resolve) => call.once('close', resolve));
	await until(() => session.remoteSettings.initialWindowSize === MiB);
	expect(session.remoteSettings.maxConcurrentStreams).toBe(100);
});

test('a deadline that passes is DEADLINE_EXCEEDED, and the room comes back', async () => {
	const gate = Promise.withResolvers<void>();
	const { client, blocks } = await world({
		append: async ({ frame }) => {
			const block = openSpanBlock(frame);
			await gate.promise;
			blocks.push(block);
		},
		maxBytesInFlight: 200,
	});
	const answer = await unary(client, path('traces'), traces({ ...span, name: 'x'.repeat(120) }), 150);
	expect(answer.code).toBe(status.DEADLINE_EXCEEDED);
	gate.resolve();
	await until(() => blocks.length === 1);
	expect(await send(client, 'traces', traces({ ...span, name: 'x'.repeat(120) }))).toMatchObject({ code: status.OK });
});

test('many requests over one connection are each answered', async () => {
	const { client, blocks } = await world();
	const answers = await Promise.all(
		Array.from({ length: 400 }, (_, i) => send(client, 'traces', traces({ ...span, name: `work ${i}` }))),
	);
	expect(new Set(answers.map(({ code }) => code))).toEqual(new Set([status.OK]));
	expect(blocks).toHaveLength(400);
});

describe('health', () => {
	const check = (client: Client, service: string) =>
		unary(client, '/grpc.health.v1.Health/Check', encodeProto('HealthCheckRequest', { service }));
	const servingOf = (bytes: Uint8Array) => decodeProto('HealthCheckResponse', bytes)['status'];

	test.each(['', ...Object.values(SERVICES)])('of "%s" is what the store says', async (service) => {
		let isReady = true;
		const checkReady = () => (isReady ? Promise.resolve() : Promise.reject(new Error('away')));
		const { client, events } = await world({ checkReady });
		expect(servingOf((await check(client, service)).body!)).toBe(1);
		isReady = false;
		expect(servingOf((await check(client, service)).body!)).toBe(2);
		expect(events).toEqual([]);
	});

	test('of a service that is not there is NOT_FOUND', async () => {
		const { client } = await world();
		expect((await check(client, 'cats')).code).toBe(status.NOT_FOUND);
	});

	test('a damaged request is INVALID_ARGUMENT', async () => {
		const { client } = await world();
		const answer = await unary(client, '/grpc.health.v1.Health/Check', Uint8Array.of(0x0a, 9));
		expect(answer.code).toBe(status.INVALID_ARGUMENT);
	});

	test('a watch is told at once, and when the listener closes', async () => {
		// Were the watch waited for, this would be too long for a test.
		const { server, client } = await world({ drainMs: 600_000 });
		const told: unknown[] = [];
		const call = client.makeServerStreamRequest(
			'/grpc.health.v1.Health/Watch',
			asSent,
			(bytes: Buffer) => servingOf(bytes),
			new Uint8Array(),
		);
		call.on('data', (serving) => told.push(serving));
		const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve));
		call.on('error', () => undefined);
		await until(() => told.length === 1);
		await server.close();
		expect((await ended).code).toBe(status.OK);
		expect(told).toEqual([1, 2]);
	});

	test('a watch of a service that is not there is told so, and stays', async () => {
		const { client } = await world();
		const call = client.makeServerStreamRequest(
			'/grpc.health.v1.Health/Watch',
			asSent,
			(bytes: Buffer) => servingOf(bytes),
			encodeProto('HealthCheckRequest', { service: 'cats' }),
		);
		call.on('error', () => undefined);
		const first = await new Promise((resolve) => call.once('data', resolve));
		expect(first).toBe(3);
		call.cancel();
	});
});

describe.each(['none', 'gzip'] as const)('the exporter of OpenTelemetry for Node.js, compression %s', (compression) => {
	const provider = (address: string) => {
		const exporter = new OTLPTraceExporter({ url: `http://${address}`, compression: compression as never });
		const tracing = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
		closing.push(() => tracing.shutdown());
		return tracing;
	};

	test('sends what is stored', async () => {
		const { server, blocks, events } = await world();
		const tracing = provider(server.address);
		const tracer = tracing.getTracer('test');
		for (let i = 0; i < 10; i++) tracer.startSpan(`work ${i}`).end();
		await tracing.forceFlush();
		expect(blocks.flatMap((block) => viewSpans(block)).map(({ name }) => name)).toEqual(
			Array.from({ length: 10 }, (_, i) => `work ${i}`),
		);
		const contentEncoding = compression === 'none' ? 'identity' : compression;
		expect(events[0]).toMatchObject(['requestReceived', { contentEncoding }]);
	});

	test('lives on after it was asked to come again', async () => {
		let isFull = true;
		const { server, blocks, events } = await world({
			append: async ({ frame }) => {
				const block = openSpanBlock(frame);
				if (isFull) throw full(1_000);
				blocks.push(block);
			},
		});
		const tracing = provider(server.address);
		const tracer = tracing.getTracer('test');
		tracer.startSpan('refused').end();
		await tracing.forceFlush().catch(() => undefined);
		expect(events.at(-1)).toEqual(['answered', 503]);
		isFull = false;
		tracer.startSpan('taken').end();
		await tracing.forceFlush();
		expect(blocks.flatMap((block) => viewSpans(block)).map(({ name }) => name)).toContain('taken');
	});
});

describe('closing', () => {
	test('a request under way is finished, a new one finds nobody', async () => {
		const gate = Promise.withResolvers<void>();
		const { server, client, connect, blocks } = await world({
			append: async ({ frame }) => {
				const block = openSpanBlock(frame);
				await gate.promise;
				blocks.push(block);
			},
			drainMs: 5_000,
		});
		const under = send(client, 'traces', traces(span));
		await pause(100);
		const closed = server.close();
		expect((await send(connect(), 'traces', traces(span))).code).toBe(status.UNAVAILABLE);
		gate.resolve();
		expect(await under).toMatchObject({ code: status.OK });
		await closed;
		expect(blocks).toHaveLength(1);
	});

	test('a request that never ends is cut when the time is up', async () => {
		const { server, client } = await world({ append: () => new Promise(() => undefined), drainMs: 100 });
		const under = send(client, 'traces', traces(span));
		await pause(100);
		await server.close();
		expect([status.UNAVAILABLE, status.CANCELLED]).toContain((await under).code);
	});

	test('connections without requests do not hold it up, nor do those that never said a word', async () => {
		const { server, client } = await world({ drainMs: 600_000 });
		await send(client, 'traces', traces(span));
		const [host, port] = server.address.split(':');
		const silent = connectTcp(Number(port), host);
		silent.on('error', () => undefined);
		await new Promise<void>((resolve) => silent.once('connect', resolve));
		await expect(server.close()).resolves.toBeUndefined();
	});
});

test('a port that is taken is reported with the flag that names another', async () => {
	const { server } = await world();
	const port = Number(server.address.split(':')[1]);
	await expect(world({ port })).rejects.toThrow(
		`port ${port} on 127.0.0.1 is taken; choose another with --otlp-grpc-port, or 0 for any free one`,
	);
});
