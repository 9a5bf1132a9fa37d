/** OTLP in the protocol that the environment asks for. */
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { protocolOf } from './settings.ts';

export interface OtlpExporter {
	exporter: GrpcExporter | JsonExporter | ProtobufExporter;
	/** What makes the bodies that it sends. The same spans make the same body, by which a receiver knows that one came again. */
	serializer: Pick<typeof JsonTraceSerializer, 'serializeRequest'>;
}

/**
 * sdk-node would make the same one and keep it to itself; whoever ends the process has to know what is on its way.
 * Undefined where OTEL_TRACES_EXPORTER names anything beside `otlp`, which sdk-node then reads itself.
 */
export function otlpExporter(env: NodeJS.ProcessEnv): OtlpExporter | undefined {
	if ((env['OTEL_TRACES_EXPORTER'] ?? 'otlp') !== 'otlp') return undefined;
	const protocol = protocolOf(env);
	if (protocol === 'http/json') return { exporter: new JsonExporter(), serializer: JsonTraceSerializer };
	if (protocol === 'http/protobuf') return { exporter: new ProtobufExporter(), serializer: ProtobufTraceSerializer };
	return protocol === 'grpc' ? { exporter: new GrpcExporter(), serializer: ProtobufTraceSerializer } : undefined;
}
