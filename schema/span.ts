/** OTLP numbers the kinds from 0 in this order; an unknown number is 'unspecified'. */
export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** OTLP numbers the status codes from 0 in this order. */
export const STATUS_CODES = ['unset', 'ok', 'error'] as const;

/** What a span is about, by its attributes: semantic conventions, first match in the order of `collector/pipeline/`. Stored by index: append only. */
export const SPAN_TYPES = ['custom', 'http', 'db', 'rpc', 'messaging', 'genai', 'faas', 'graphql'] as const;
export type SpanType = (typeof SPAN_TYPES)[number];

export type TraceId = string & { readonly __brand: 'TraceId' };
export type SpanId = string & { readonly __brand: 'SpanId' };

/** 32 hexadecimal digits in any case, not all zero; undefined otherwise. */
export function parseTraceId(hex: string): TraceId | undefined {
	if (!/^[0-9a-fA-F]{32}$/.test(hex) || /^0+$/.test(hex)) return undefined;
	return hex.toLowerCase() as TraceId;
}

/** 16 hexadecimal digits in any case, not all zero; undefined otherwise. */
export function parseSpanId(hex: string): SpanId | undefined {
	if (!/^[0-9a-fA-F]{16}$/.test(hex) || /^0+$/.test(hex)) return undefined;
	return hex.toLowerCase() as SpanId;
}
