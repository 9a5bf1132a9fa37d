import { promisify } from 'node:util';
import { Agent, request } from 'node:http';
import { constants, gzip, zstdCompress } from 'node:zlib';
import { Client, compressionAlgorithms, credentials } from '@grpc/grpc-js';
import type { Ready } from '../support/product.ts';

export interface OtlpSender {
	/** Resolves when the request was accepted, rejects when it was not. */
	send(body: Uint8Array): Promise<void>;
	close(): void;
}

export type Compression = 'none' | 'gzip' | 'zstd';

export interface SenderOptions {
	transport: 'http' | 'grpc';
	encoding: 'protobuf' | 'json';
	compression: Compression;
	inFlight: number;
}

/** The fastest levels: what a sender under load would choose, and the less of the driver in the measurement. */
const compress: Record<Exclude<Compression, 'none'>, (body: Uint8Array) => Promise<Buffer>> = {
	gzip: (body) => promisify(gzip)(body, { level: 1 }),
	zstd: (body) => promisify(zstdCompress)(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
};

/** Sends bodies of ExportTraceServiceRequest, over as many connections as there are requests in flight, or over one by gRPC. */
export const otlpSender = (ready: Pick<Ready, 'otlpHttp' | 'otlpGrpc'>, options: SenderOptions): OtlpSender =>
	options.transport === 'http'
		? httpSender(`${ready.otlpHttp}/v1/traces`, options)
		: grpcSender(ready.otlpGrpc, options.compression);

function httpSender(url: string, { encoding, compression, inFlight }: SenderOptions): OtlpSender {
	const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
	const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
	return {
		send: async (body) => {
			const wire = compression === 'none' ? body : await compress[compression](body);
			const { promise, resolve, reject } = Promise.withResolvers<void>();
			const headers = {
				'content-type': type,
				'content-length': wire.byteLength,
				...(compression === 'none' ? {} : { 'content-encoding': compression }),
			};
			const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
				answer.resume();
				answer.once('end', () => {
					if (answer.statusCode === 200) resolve();
					else reject(new Error(`a request was answered ${answer.statusCode}`));
				});
			});
			sent.once('error', reject);
			sent.end(wire);
			return promise;
		},
		close: () => agent.destroy(),
	};
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const asSent = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function grpcSender(address: string, compression: Compression): OtlpSender {
	if (compression === 'zstd') throw new Error('grpc-js knows no zstd');
	const algorithm = compression === 'gzip' ? compressionAlgorithms.gzip : compressionAlgorithms.identity;
	const client = new Client(address, credentials.createInsecure(), {
		'grpc.default_compression_algorithm': algorithm,
	});
	return {
		send: (body) => {
			const { promise, resolve, reject } = Promise.withResolvers<void>();
			client.makeUnaryRequest(EXPORT, asSent, asSent, body, (error) => (error === null ? resolve() : reject(error)));
			return promise;
		},
		close: () => client.close(),
	};
}
