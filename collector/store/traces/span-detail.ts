import type { SpanDetail } from '../../../schema/api.ts';
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from '../../../schema/span.ts';
import { SPAN_MARKS } from '../../../schema/span-block.ts';
import type { StoredSpan } from './stored-span.ts';
import type { Sources } from './stored-sources.ts';

type LinkedFrom = Pick<SpanDetail, 'linkedFrom' | 'linkedFromOf'>;

/** Everything known of a span, for the panel that shows one. */
export function spanDetail(span: StoredSpan, sources: Sources, linking: LinkedFrom): SpanDetail {
	return {
		traceId: span.traceId,
		spanId: span.spanId,
		parentSpanId: span.parentSpanId,
		service: span.service,
		namespace: span.namespace,
		environment: span.environment,
		version: span.version,
		operation: span.operation,
		name: span.name,
		kind: SPAN_KINDS[span.kind] ?? 'unspecified',
		type: SPAN_TYPES[span.type] ?? 'custom',
		startUnixNano: String(span.startUnixNano),
		endUnixNano: String(span.endUnixNano),
		durationNano: Number(span.durationNano),
		status: STATUS_CODES[span.status] ?? 'unset',
		statusMessage: span.statusMessage,
		error: span.error,
		traceState: span.traceState,
		flags: span.flags,
		weight: span.weight,
		marks: marksOf(span.marks),
		attributes: span.attributes,
		droppedAttributes: span.droppedAttributes,
		events: span.events.map((event) => ({ ...event, timeUnixNano: String(event.timeUnixNano) })),
		droppedEvents: span.droppedEvents,
		links: span.links,
		droppedLinks: span.droppedLinks,
		...linking,
		resource: sources.resourceOf(span),
		scope: sources.scopeOf(span),
	};
}

const marksOf = (bits: number): string[] =>
	Object.entries(SPAN_MARKS)
		.filter(([, bit]) => (bits & bit) !== 0)
		.map(([name]) => name);
