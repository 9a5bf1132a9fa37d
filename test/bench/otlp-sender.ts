import { Client, credentials } from '@grpc/grpc-js';
import { Agent, request } from 'node:http';
import type { Ready } from '../support/product.ts';

export interface OtlpSender {
	/** Resolves when the request was accepted, rejects when it was not. */
	send(body: Uint8Array): Promise<void>;
	close(): void;
}

export type Protocol = 'http' | 'grpc';

/** Sends bodies of ExportTraceServiceRequest, over as many connections as there are requests in flight, or over one by gRPC. */
export const otlpSender = (protocol: Protocol, ready: Ready, inFlight: number): OtlpSender =>
	protocol === 'http' ? httpSender(`${ready.otlpHttp}/v1/traces`, inFlight) : grpcSender(ready.otlpGrpc);

function httpSender(url: string, inFlight: number): OtlpSender {
	const agent = new Agent({ keepAlive: true, maxSockets: inFlight });
	return {
		send: (body) => {
			const { promise, resolve, reject } = Promise.withResolvers<void>();
			const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.byteLength };
			const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
				answer.resume();
				answer.once('end', () => {
					if (answer.statusCode === 200) resolve();
					else reject(new Error(`a request was answered ${answer.statusCode}`));
				});
			});
			sent.once('error', reject);
			sent.end(body);
			return promise;
		},
		close: () => agent.destroy(),
	};
}

const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const asSent = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function grpcSender(address: string): OtlpSender {
	const client = new Client(address, credentials.createInsecure());
	return {
		send: (body) => {
			const { promise, resolve, reject } = Promise.withResolvers<void>();
			client.makeUnaryRequest(EXPORT, asSent, asSent, body, (error) => (error === null ? resolve() : reject(error)));
			return promise;
		},
		close: () => client.close(),
	};
}
