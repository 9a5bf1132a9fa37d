/** Tells a pasted trace id or `traceparent` from a search. */
import { parseSpanId, parseTraceId } from './span.ts';
import type { SpanId, TraceId } from './span.ts';

export interface RecognisedTrace {
	traceId: TraceId;
	/** Of a `traceparent`: the span that sent it. */
	spanId?: SpanId;
}

/** Source: W3C Trace Context, "traceparent": version, trace id, parent id, flags; later versions may append more. */
const TRACEPARENT =
	/^(?:traceparent\s*[:=]\s*)?"?[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-[\w.-]*)?"?$/i;
/** Some tools write the 32 digits as a UUID. */
const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

export function recogniseTraceId(text: string): RecognisedTrace | undefined {
	const pasted = text.trim();
	if (pasted.length > 200) return undefined;
	const parent = TRACEPARENT.exec(pasted);
	const traceId = parseTraceId(parent?.[1] ?? pasted.replace(UUID, '$1$2$3$4$5'));
	if (traceId === undefined) return undefined;
	const spanId = parent === null ? undefined : parseSpanId(parent[2] ?? '');
	return spanId === undefined ? { traceId } : { traceId, spanId };
}
