/** The thread of send-at-exit.ts: sends what it is given, and wakes the thread that waits. */
import { workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { protocolOf } from './settings.ts';

export interface SendTask {
	bodies: readonly Uint8Array[];
	/** Takes what went wrong, as text. */
	answer: MessagePort;
	/** Something else than 0 when all is answered. */
	done: Int32Array;
}

const counting = { name: 'span', countItems: () => 1 } as const;
const written = { serializeRequest: (body: Uint8Array) => body };

/** As the exporters of the three protocols are made, by the same settings, except for what makes bodies of spans. */
async function delegate() {
	const protocol = protocolOf(process.env);
	if (protocol === 'grpc') return await grpcDelegate();
	const [type, base] =
		protocol === 'http/protobuf'
			? (['application/x-protobuf', ProtobufTraceSerializer] as const)
			: (['application/json', JsonTraceSerializer] as const);
	const options = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', { 'Content-Type': type });
	const serializer = { ...base, ...written };
	return createOtlpHttpExportDelegate(options, serializer, 'otlp_http_span_exporter', counting, undefined);
}

async function grpcDelegate() {
	// Loaded where it is needed: it takes longer than to send what is left.
	const base = await import('@opentelemetry/otlp-grpc-exporter-base');
	const options = base.convertLegacyOtlpGrpcOptions({}, 'TRACES');
	const serializer = { ...ProtobufTraceSerializer, ...written };
	const call = ['TraceExportService', '/opentelemetry.proto.collector.trace.v1.TraceService/Export'] as const;
	return base.createOtlpGrpcExportDelegate(
		options,
		serializer,
		'otlp_grpc_span_exporter',
		counting,
		undefined,
		...call,
	);
}

async function send({ bodies, answer, done }: SendTask): Promise<void> {
	const sender = await delegate();
	const sent = bodies.map(
		(body) => new Promise<Error | undefined>((resolve) => sender.export(body, ({ error }) => resolve(error))),
	);
	const failed = (await Promise.all(sent)).find((error) => error !== undefined);
	if (failed !== undefined) answer.postMessage(failed.message, []);
	Atomics.store(done, 0, 1);
	Atomics.notify(done, 0);
}

void send(workerData as SendTask);
