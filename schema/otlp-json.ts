/** OTLP/JSON `TracesData` as answered by `/traces/{traceId}/otlp`. Field names and forms: opentelemetry-proto, "JSON Protobuf Encoding". */
import type { KeyValue } from './api.ts';

export interface OtlpTracesData {
	resourceSpans: OtlpResourceSpans[];
}
export interface OtlpResourceSpans {
	resource: { attributes: KeyValue[]; droppedAttributesCount?: number };
	scopeSpans: OtlpScopeSpans[];
	schemaUrl?: string;
}
export interface OtlpScopeSpans {
	scope: { name?: string; version?: string; attributes?: KeyValue[]; droppedAttributesCount?: number };
	spans: OtlpSpan[];
	schemaUrl?: string;
}
export interface OtlpSpan {
	traceId: string;
	spanId: string;
	parentSpanId?: string;
	traceState?: string;
	flags?: number;
	name: string;
	kind: number;
	startTimeUnixNano: string;
	endTimeUnixNano: string;
	attributes: KeyValue[];
	droppedAttributesCount?: number;
	events?: { timeUnixNano: string; name: string; attributes: KeyValue[]; droppedAttributesCount?: number }[];
	droppedEventsCount?: number;
	links?: OtlpLink[];
	droppedLinksCount?: number;
	status: { code?: number; message?: string };
}
export interface OtlpLink {
	traceId: string;
	spanId: string;
	traceState?: string;
	flags?: number;
	attributes: KeyValue[];
	droppedAttributesCount?: number;
}
