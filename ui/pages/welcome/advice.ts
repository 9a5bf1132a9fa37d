import type { StatusAnswer } from '../../../schema/api-status.ts';

export type Failure = StatusAnswer['ingest']['recentFailures'][number];

const onGrpcPort = (detail: string): boolean => detail.startsWith('this port takes OTLP over gRPC');
const isGrpc = (path: string): boolean => path.startsWith('/opentelemetry.proto.collector.');

/** What to change so that a request that failed would succeed. The first rule that fits speaks. */
const RULES: readonly { fits: (failure: Failure) => boolean; advice: string }[] = [
	{
		fits: ({ method, detail }) => method === 'TLS' && onGrpcPort(detail),
		advice: 'The exporter speaks TLS. Begin its endpoint with http:// where Spanhouse is reached without a proxy.',
	},
	{
		fits: ({ detail }) => onGrpcPort(detail),
		advice: 'This is HTTP on the gRPC port. Use the HTTP port, or set OTEL_EXPORTER_OTLP_PROTOCOL=grpc.',
	},
	{
		fits: ({ status, path }) => status === 415 && isGrpc(path),
		advice: 'Over gRPC, messages are packed with gzip or not at all. Set OTEL_EXPORTER_OTLP_COMPRESSION=gzip.',
	},
	{
		fits: ({ path }) => /\/v1\/(metrics|logs)\/?$/.test(path),
		advice: 'Spanhouse takes traces. Set OTEL_METRICS_EXPORTER=none and OTEL_LOGS_EXPORTER=none.',
	},
	{
		fits: ({ path, status }) => status === 404 && path.endsWith('/v1/traces/v1/traces'),
		advice: 'The path is there twice: OTEL_EXPORTER_OTLP_ENDPOINT is the address alone, without /v1/traces.',
	},
	{
		fits: ({ status, path }) => status === 404 && path.includes('opentelemetry.proto.collector'),
		advice: 'This is gRPC on the HTTP port. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or use the gRPC port.',
	},
	{ fits: ({ status }) => status === 405, advice: 'Spans are sent by POST.' },
	{
		fits: ({ status }) => status === 415,
		advice: 'The content type must be application/x-protobuf or application/json. gRPC has a port of its own.',
	},
	{
		fits: ({ status }) => status === 401 || status === 403,
		advice: 'The key is missing or wrong. Set OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer KEY".',
	},
	{
		fits: ({ status }) => status === 413,
		advice: 'The batch is too large. Lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE.',
	},
	{
		fits: ({ status, detail }) => status === 400 && /grpc|http\/2|preface/i.test(detail),
		advice: 'This looks like gRPC on the HTTP port. Set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.',
	},
	{
		fits: ({ status }) => status === 400,
		advice: 'The body is not OTLP as its content type says. Check OTEL_EXPORTER_OTLP_PROTOCOL.',
	},
	{
		fits: ({ status }) => status === 429 || status === 503,
		advice: 'Spanhouse is busy or its store is away. Exporters try again by themselves.',
	},
];

export const adviceFor = (failure: Failure): string | undefined => RULES.find((rule) => rule.fits(failure))?.advice;
