import {
	Server,
	ServerCredentials,
	type Metadata,
	type ServerUnaryCall,
	type sendUnaryData,
	type ServiceDefinition,
} from '@grpc/grpc-js';
import type { Log } from '../log.ts';
import type { Certificate } from '../tls/certificate.ts';
import type { BodyLimits } from './content-encoding.ts';
import { grpcAdmission, type AdmittedMessage } from './grpc-admission.ts';
import { acceptGrpc } from './grpc-connections.ts';
import { GrpcHealth } from './grpc-health.ts';
import { grpcStatus } from './grpc-status.ts';
import { SIGNALS, type Signal } from './ingest-observer.ts';
import { ingestProblem, violationOf } from './ingest-problem.ts';
import { exportResponse } from './otlp-response.ts';
import type { IngestRoom } from './request-room.ts';
import type { Sender } from './sender.ts';
import { takeInTime } from './take-in-time.ts';
import type { TakeOptions } from './take-request.ts';

export interface OtlpGrpcOptions extends TakeOptions {
	host: string;
	/** 0: any free one. */
	port: number;
	/** Undefined: no TLS. */
	tls?: Certificate | undefined;
	/** Whose request it is. May throw a ProblemError of 401, 403 or 429. */
	sender: (metadata: Metadata) => Sender;
	limits: TakeOptions['limits'] & BodyLimits;
	/** Shared with the other listeners. */
	room: IngestRoom;
	/** Rejects when spans could not be accepted now. */
	checkReady: () => Promise<void>;
	/** How long a client may take to send a message. */
	readTimeoutMs?: number;
	/** After about that long a connection ends, without loss; half an hour where nothing is said. */
	connectionAgeMs?: number;
	/** Told of each connection beyond those that there may be. */
	dropped?: () => void;
	/** How long requests under way may take when the listener is closed. */
	drainMs?: number;
	log: Log;
}

export interface OtlpGrpc {
	/** `127.0.0.1:4317`, with the port that was really taken. */
	address: string;
	/** Takes no new requests, lets those under way finish for a while, then cuts them. */
	close(): Promise<void>;
}

const DRAIN_MS = 5_000;
const MINUTE_MS = 60_000;

const serviceName = (signal: Signal): string => {
	const singular = { traces: 'trace', metrics: 'metrics', logs: 'logs' }[signal];
	const title = { traces: 'Trace', metrics: 'Metrics', logs: 'Logs' }[signal];
	return `opentelemetry.proto.collector.${singular}.v1.${title}Service`;
};
const exportPath = (signal: Signal): string => `/${serviceName(signal)}/Export`;

const asSent = (message: Buffer): Buffer => message;

/** OTLP over gRPC: the same as OTLP over HTTP, protobuf only. Source: OTLP specification 1.11, "OTLP/gRPC". */
export async function otlpGrpc(options: OtlpGrpcOptions): Promise<OtlpGrpc> {
	const health = new GrpcHealth({
		services: new Set(SIGNALS.map(serviceName)),
		checkReady: options.checkReady,
		toProblem: (thrown) => ingestProblem(thrown, options.log),
	});
	const server = createServer(options);
	server.addService(GrpcHealth.definition, health.implementation);
	for (const signal of SIGNALS) {
		server.addService(definitionOf(signal), {
			Export: (call: ServerUnaryCall<AdmittedMessage, Buffer>, answer: sendUnaryData<Buffer>) =>
				void receive(call.request, signal, options, answer),
		});
	}
	const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
	const connections = await acceptGrpc({
		host: options.host,
		port: options.port,
		portFlag: '--otlp-grpc-port',
		tls: options.tls,
		connected: (socket) => injector.injectConnection(socket),
		refused: (refusal) => options.observe.requestFailed({ ...refusal, status: 400 }),
		dropped: () => options.dropped?.(),
	});
	return {
		address: connections.address,
		close: async () => {
			connections.close();
			health.close();
			const { promise: drained, resolve } = Promise.withResolvers<void>();
			server.tryShutdown(() => resolve());
			injector.drain(options.drainMs ?? DRAIN_MS);
			await drained;
		},
	};
}

function createServer(options: OtlpGrpcOptions): Server {
	const { limits, observe, log } = options;
	return new Server({
		'grpc.max_receive_message_length': limits.maxBodyBytes,
		'grpc.max_concurrent_streams': 100,
		// Load balancers spread connections, not requests: those that live too long all end at the same server.
		'grpc.max_connection_age_ms': options.connectionAgeMs ?? 30 * MINUTE_MS,
		'grpc.max_connection_age_grace_ms': MINUTE_MS,
		// Finds peers that are gone. Pings of clients are answered however often they come.
		'grpc.keepalive_time_ms': MINUTE_MS,
		'grpc.keepalive_timeout_ms': 20_000,
		'grpc.enable_channelz': 0,
		interceptors: [
			grpcAdmission({
				room: options.room,
				limits,
				readTimeoutMs: options.readTimeoutMs,
				sender: options.sender,
				toProblem: (thrown) => ingestProblem(thrown, log),
				refused: ({ path, problem, remote }) => {
					observe.requestFailed({ method: 'POST', path, status: problem.status, detail: problem.message, remote });
					observe.answered(problem.status);
				},
			}),
		],
	});
}

/** Messages stay bytes: the decoder reads them into columns. */
const definitionOf = (signal: Signal): ServiceDefinition => ({
	Export: {
		path: exportPath(signal),
		requestStream: false,
		responseStream: false,
		requestSerialize: asSent,
		requestDeserialize: asSent,
		responseSerialize: asSent,
		responseDeserialize: asSent,
	},
});

async function receive(
	message: AdmittedMessage,
	signal: Signal,
	options: OtlpGrpcOptions,
	answer: sendUnaryData<Buffer>,
): Promise<void> {
	const { observe } = options;
	const { sender, contentEncoding, wireBytes, remote } = message;
	try {
		const body = await message.unpack();
		const bytes = body.length;
		observe.requestReceived({ signal, encoding: 'protobuf', contentEncoding, wireBytes, bytes, remote });
		sender.charge(bytes);
		const { project, chargeSpans } = sender;
		const partial = await takeInTime({ signal, encoding: 'protobuf', project, body, chargeSpans }, options, message);
		observe.answered(200);
		answer(null, Buffer.from(exportResponse(signal, 'protobuf', partial)));
	} catch (error) {
		const problem = ingestProblem(error, options.log);
		const { status, message: detail } = problem;
		observe.requestFailed({ method: 'POST', path: exportPath(signal), status, detail, remote });
		observe.answered(status);
		answer(grpcStatus(problem, violationOf(error)));
	} finally {
		message.release();
	}
}
