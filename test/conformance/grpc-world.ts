/** An OTLP/gRPC listener with what came of its requests, and clients for it, well-behaved and not. */
import { connect as connectHttp2 } from 'node:http2';
import { Client, compressionAlgorithms, credentials, Metadata, status } from '@grpc/grpc-js';
import type { ChannelOptions, ServiceError, StatusObject } from '@grpc/grpc-js';
import { afterAll, afterEach, expect } from 'vitest';
import { ProblemError } from '../../collector/problem.ts';
import { otlpGrpc, type OtlpGrpc, type OtlpGrpcOptions } from '../../collector/receiver/otlp-grpc.ts';
import { IngestRoom } from '../../collector/receiver/request-room.ts';
import { openDecodePool } from '../support/decode-pool.ts';
import { decodeProto, encodeProto } from '../support/otlp-proto.ts';
import { recordedIntake } from '../support/recorded-intake.ts';
import type { RecordedIntake } from '../support/recorded-intake.ts';

export const MiB = 1024 * 1024;
const pool = openDecodePool();
/** Undone after each test, the last first. */
export const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => pool.close());

export interface World extends RecordedIntake {
	server: OtlpGrpc;
	client: Client;
	connect: (options?: ChannelOptions) => Client;
}

type Over = Partial<OtlpGrpcOptions> & { maxBytesInFlight?: number };

export async function world({ maxBytesInFlight = 128 * MiB, ...over }: Over = {}): Promise<World> {
	const { recorded, options } = recordedIntake(pool);
	const server = await otlpGrpc({
		...options,
		host: '127.0.0.1',
		port: 0,
		room: new IngestRoom(maxBytesInFlight),
		checkReady: () => Promise.resolve(),
		drainMs: 500,
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
	return { server, client: connect(), connect, ...recorded };
}

export const SERVICES = {
	traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
	metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
	logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
} as const;
export type Signal = keyof typeof SERVICES;
const SIGNALS = Object.keys(SERVICES) as Signal[];
export const path = (signal: Signal) => `/${SERVICES[signal]}/Export`;

export interface Answer {
	code: status;
	message: string;
	body: Uint8Array | undefined;
	/** google.rpc.Status out of the trailers. */
	details: { code?: number; message?: string; details?: { typeUrl: string; value: Uint8Array }[] } | undefined;
}

export const asSent = (bytes: Uint8Array) => Buffer.from(bytes);

export function unary(client: Client, method: string, body: Uint8Array, deadlineMs = 20_000): Promise<Answer> {
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

export const send = (to: World | Client, signal: Signal, body: Uint8Array) =>
	unary(to instanceof Client ? to : to.client, path(signal), body);

export const retryInfo = ({ details }: Answer) =>
	details?.details
		?.filter(({ typeUrl }) => typeUrl === 'type.googleapis.com/google.rpc.RetryInfo')
		.map(({ value }) => decodeProto('RetryInfo', value));

export const span = {
	traceId: Buffer.from('5b8efff798038103d269b633813fc60c', 'hex'),
	spanId: Buffer.from('eee19b7ec3c1b174', 'hex'),
	name: 'work',
};
export const traces = (...spans: Record<string, unknown>[]) =>
	encodeProto('ExportTraceServiceRequest', { resourceSpans: [{ scopeSpans: [{ spans }] }] });
export const bodyOf = (signal: Signal) => (signal === 'traces' ? traces(span) : new Uint8Array());

export const PACKINGS = {
	identity: {},
	gzip: { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip },
	deflate: { 'grpc.default_compression_algorithm': compressionAlgorithms.deflate },
} as const;
export const CASES = SIGNALS.flatMap((signal) =>
	(Object.keys(PACKINGS) as (keyof typeof PACKINGS)[]).map((packing) => [signal, packing] as const),
);

export async function until(holds: () => boolean): Promise<void> {
	for (let i = 0; i < 200 && !holds(); i++) await pause(10);
	expect(holds()).toBe(true);
}
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function full(retryAfterMs: number): ProblemError {
	return new ProblemError(503, 'SPOOL_FULL', 'the spool is full', { retryAfterMs });
}

interface RawCall {
	method?: string;
	body: Uint8Array;
	encoding?: string;
	type?: string;
	end?: boolean;
}

export const grpcHeaders = (method: string, encoding?: string, type = 'application/grpc') => ({
	':method': 'POST',
	':path': method,
	'content-type': type,
	te: 'trailers',
	...(encoding === undefined ? {} : { 'grpc-encoding': encoding }),
});

export const frame = (flag: number, message: Uint8Array) => {
	const prefix = Buffer.alloc(5);
	prefix[0] = flag;
	prefix.writeUInt32BE(message.length, 1);
	return Buffer.concat([prefix, message]);
};

/** A call without any gRPC client, for what such a client never does. */
export function rawCall(server: OtlpGrpc, { method = path('traces'), body, encoding, type }: RawCall) {
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

/** A call that its client never ends: what the server answered once it ended it. */
export function openCall(server: OtlpGrpc, start: Uint8Array): Promise<{ code: number; message: string }> {
	const session = connectHttp2(`http://${server.address}`);
	const stream = session.request(grpcHeaders(path('traces')));
	const { promise, resolve, reject } = Promise.withResolvers<{ code: number; message: string }>();
	let [code, message] = [Number.NaN, ''];
	stream.on('response', (headers) => {
		code = Number(headers['grpc-status']);
		message = decodeURIComponent(String(headers['grpc-message']));
	});
	stream.on('error', () => undefined);
	session.on('error', reject);
	stream.on('close', () => {
		session.destroy();
		resolve({ code, message });
	});
	stream.resume();
	stream.write(start);
	return promise;
}
