import { Agent, request } from 'node:http';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { decodeProto } from '../support/otlp-proto.ts';
import type { LedgerSignal, Message } from './otlp-message.ts';

/** Where a collector takes spans and log records: a URL, and an address. */
export interface Listeners {
	http: string;
	grpc: string;
}

/** What a client was told, in the numbers of HTTP. Status 0: the connection failed, and nobody knows. */
export interface Answer {
	status: number;
	/** When it may come again, where that was said. */
	retryAfter: string | undefined;
	/** How many of a request that was taken were not kept. */
	rejected: number;
	tookMs: number;
}

type Told = Omit<Answer, 'tookMs'>;

const nothing: Told = { status: 0, retryAfter: undefined, rejected: 0 };
const giveUpMs = 30_000;

const EXPORTS: Record<LedgerSignal, string> = {
	traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
	logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};

/** Of the codes that gRPC itself knows for connections that broke, UNAVAILABLE is the receiver's too: it says when to come again. */
const HTTP_STATUSES = new Map<status, number>([
	[status.CANCELLED, 0],
	[status.DEADLINE_EXCEEDED, 0],
	[status.INTERNAL, 0],
	[status.UNAVAILABLE, 0],
	[status.INVALID_ARGUMENT, 400],
	[status.UNAUTHENTICATED, 401],
	[status.PERMISSION_DENIED, 403],
	[status.UNIMPLEMENTED, 404],
	[status.RESOURCE_EXHAUSTED, 413],
]);

/** Sends what an exporter sends, and reads what it would read. */
export class OtlpClient {
	readonly #agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
	readonly #grpc = new Map<string, Client>();

	/** `rest`: when the last byte of a request by HTTP is sent. */
	async send(to: Listeners, message: Message, rest?: Promise<void>): Promise<Answer> {
		const client = message.transport === 'grpc' ? this.#grpcClient(to.grpc) : undefined;
		// As for HTTP, there has to be somebody before an answer can be waited for: gRPC connects in its own time.
		if (client !== undefined && !(await isConnected(client))) return { ...nothing, tookMs: 0 };
		const beganMs = performance.now();
		const told = await (client === undefined ? this.#post(to.http, message, rest) : call(client, message));
		return { ...told, tookMs: performance.now() - beganMs };
	}

	close(): void {
		this.#agent.destroy();
		for (const client of this.#grpc.values()) client.close();
	}

	#grpcClient(address: string): Client {
		const known = this.#grpc.get(address);
		if (known !== undefined) return known;
		const client = new Client(address, credentials.createInsecure(), {
			'grpc.use_local_subchannel_pool': 1,
			// Who was killed is back soon, and lives but for a moment.
			'grpc.initial_reconnect_backoff_ms': 50,
			'grpc.max_reconnect_backoff_ms': 200,
		});
		this.#grpc.set(address, client);
		return client;
	}

	#post(url: string, { signal, transport, body }: Message, rest: Promise<void> | undefined): Promise<Told> {
		const { promise, resolve } = Promise.withResolvers<Told>();
		const type = transport === 'json' ? 'application/json' : 'application/x-protobuf';
		const headers = { 'content-type': type, 'content-length': body.byteLength };
		const options = { method: 'POST', agent: this.#agent, headers, timeout: giveUpMs };
		const sent = request(`${url}/v1/${signal}`, options, (answer) => {
			const chunks: Buffer[] = [];
			answer.on('data', (chunk: Buffer) => chunks.push(chunk));
			answer.on('error', () => resolve(nothing));
			answer.on('end', () => {
				const { statusCode = 0, headers: told } = answer;
				const rejected = statusCode === 200 ? rejectedIn(Buffer.concat(chunks), transport === 'json') : 0;
				resolve({ status: statusCode, retryAfter: told['retry-after'], rejected });
			});
		});
		sent.on('error', () => resolve(nothing));
		sent.on('timeout', () => sent.destroy(new Error('no answer')));
		if (rest === undefined) {
			sent.end(body);
		} else {
			sent.write(body.subarray(0, -1));
			void rest.then(() => sent.end(body.subarray(-1)));
		}
		return promise;
	}
}

const isConnected = (client: Client): Promise<boolean> => {
	const { promise, resolve } = Promise.withResolvers<boolean>();
	client.waitForReady(Date.now() + giveUpMs, (error) => resolve(error === undefined));
	return promise;
};

const asSent = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function call(client: Client, { signal, body }: Message): Promise<Told> {
	const { promise, resolve } = Promise.withResolvers<Told>();
	const options = { deadline: Date.now() + giveUpMs };
	client.makeUnaryRequest(EXPORTS[signal], asSent, asSent, body, new Metadata(), options, (error, answer) => {
		if (error !== null) resolve(refusalOf(error));
		else resolve({ status: 200, retryAfter: undefined, rejected: rejectedIn(answer ?? new Uint8Array(), false) });
	});
	return promise;
}

function refusalOf({ code, metadata }: ServiceError): Told {
	const [encoded] = metadata.get('grpc-status-details-bin');
	const retryAfter = encoded === undefined ? undefined : retryDelay(Buffer.from(encoded));
	if (retryAfter !== undefined) return { status: code === status.UNAVAILABLE ? 503 : 429, retryAfter, rejected: 0 };
	return { ...nothing, status: HTTP_STATUSES.get(code) ?? 500 };
}

interface RpcStatus {
	details?: { typeUrl: string; value: Uint8Array }[];
}

function retryDelay(encoded: Uint8Array): string | undefined {
	const { details = [] } = decodeProto('RpcStatus', encoded) as RpcStatus;
	const info = details.find(({ typeUrl }) => typeUrl.endsWith('/google.rpc.RetryInfo'));
	if (info === undefined) return undefined;
	const { retryDelay: delay } = decodeProto('RetryInfo', info.value) as { retryDelay?: { seconds?: string } };
	return delay?.seconds;
}

interface Partial {
	partialSuccess?: Record<string, unknown>;
}

function rejectedIn(body: Uint8Array, isJson: boolean): number {
	if (body.length === 0) return 0;
	const { partialSuccess = {} } = (
		isJson ? JSON.parse(Buffer.from(body).toString()) : decodeProto('ExportResponse', body)
	) as Partial;
	const { rejected, rejectedSpans, rejectedLogRecords } = partialSuccess;
	return Number(rejected ?? rejectedSpans ?? rejectedLogRecords ?? 0);
}
