/** OTLP in the protocol that the environment asks for. */
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';

export type OtlpExporter = GrpcExporter | JsonExporter | ProtobufExporter;

const EXPORTERS = new Map<string | undefined, new () => OtlpExporter>([
	['http/json', JsonExporter],
	['http/protobuf', ProtobufExporter],
	['grpc', GrpcExporter],
]);

/**
 * sdk-node would make the same one and keep it to itself; whoever ends the process has to ask it what is on its way.
 * Undefined where OTEL_TRACES_EXPORTER names anything beside `otlp`, which sdk-node then reads itself.
 */
export function otlpExporter(env: NodeJS.ProcessEnv): OtlpExporter | undefined {
	if ((env['OTEL_TRACES_EXPORTER'] ?? 'otlp') !== 'otlp') return undefined;
	const Exporter = EXPORTERS.get(env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL']);
	return Exporter === undefined ? undefined : new Exporter();
}
