import protobuf from 'protobufjs';

/** The messages of opentelemetry-proto 1.11 with their field numbers, of metrics what is counted, for an encoder that is not ours. */
const PROTO = `
syntax = "proto3";
message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Span {
	bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
	fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
	uint32 dropped_attributes_count = 10; repeated Event events = 11; uint32 dropped_events_count = 12;
	repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
message Status { string message = 2; int32 code = 3; }
message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ScopeLogs { InstrumentationScope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message LogRecord {
	fixed64 time_unix_nano = 1; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5;
	repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
	fixed64 observed_time_unix_nano = 11; string event_name = 12;
}
message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; string schema_url = 3; }
message ScopeMetrics { InstrumentationScope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
message Metric {
	string name = 1; string description = 2; string unit = 3;
	oneof data { MetricPoints gauge = 5; MetricPoints sum = 7; MetricPoints histogram = 9; MetricPoints exponential_histogram = 10; MetricPoints summary = 11; }
}
message MetricPoints { repeated MetricPoint data_points = 1; int32 aggregation_temporality = 2; }
message MetricPoint { fixed64 time_unix_nano = 3; }
message KeyValue { string key = 1; AnyValue value = 2; }
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message ExportResponse { PartialSuccess partial_success = 1; }
message PartialSuccess { int64 rejected = 1; string error_message = 2; }
message RpcStatus { int32 code = 1; string message = 2; repeated Any details = 3; }
message Any { string type_url = 1; bytes value = 2; }
message BadRequest { repeated FieldViolation field_violations = 1; }
message FieldViolation { string field = 1; string description = 2; }
message RetryInfo { Duration retry_delay = 1; }
message Duration { int64 seconds = 1; int32 nanos = 2; }
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse { int32 status = 1; }
`;

const { root } = protobuf.parse(PROTO);
/** The same with texts as the bytes that they are, and every bit of a boolean: protobufjs mends what isn't UTF-8 in its own way. */
const { root: bareRoot } = protobuf.parse(
	PROTO.replaceAll(/\bstring (?=\w)/g, 'bytes ').replaceAll(/\bbool (?=\w)/g, 'uint64 '),
);

export const protoMessage = (name: string): protobuf.Type => root.lookupType(name);

/** Encodes an object in the camelCase form of OTLP/JSON, ids as bytes. */
export function encodeProto(name: string, object: Record<string, unknown>): Uint8Array {
	const type = protoMessage(name);
	return type.encode(type.fromObject(object)).finish();
}

export const decodeProto = (name: string, bytes: Uint8Array): Record<string, unknown> =>
	protoMessage(name).toObject(protoMessage(name).decode(bytes), { longs: String });

/** Texts come out as bytes, 64-bit numbers as decimal text. Throws what protobufjs throws. */
export const decodeProtoBare = (name: string, bytes: Uint8Array): Record<string, unknown> => {
	const type = bareRoot.lookupType(name);
	return type.toObject(type.decode(bytes), { longs: String });
};
