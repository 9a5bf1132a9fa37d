import type {
	OtlpLink,
	OtlpResourceSpans,
	OtlpScopeSpans,
	OtlpSpan,
	OtlpTracesData,
} from '../../../schema/otlp-json.ts';
import type { StoredEvent, StoredLink, StoredSpan } from './stored-span.ts';
import type { Sources } from './stored-sources.ts';

/** Spans under their resources and scopes, as they were sent. Fields that have their default are left out, as proto3 does. */
export function otlpDocument(spans: readonly StoredSpan[], sources: Sources): OtlpTracesData {
	const byResource = Map.groupBy(spans, (span) => span.resourceId);
	return { resourceSpans: [...byResource.values()].map((group) => resourceSpans(group, sources)) };
}

function resourceSpans(spans: StoredSpan[], sources: Sources): OtlpResourceSpans {
	const { attributes, droppedAttributes, schemaUrl } = first(spans, (span) => sources.resourceOf(span));
	const byScope = Map.groupBy(spans, (span) => span.scopeId);
	return {
		resource: { attributes, ...dropped(droppedAttributes) },
		scopeSpans: [...byScope.values()].map((group) => scopeSpans(group, sources)),
		...(schemaUrl === '' ? {} : { schemaUrl }),
	};
}

function scopeSpans(spans: StoredSpan[], sources: Sources): OtlpScopeSpans {
	const { name, version, attributes, droppedAttributes, schemaUrl } = first(spans, (span) => sources.scopeOf(span));
	return {
		scope: {
			...(name === '' ? {} : { name }),
			...(version === '' ? {} : { version }),
			...(attributes.length === 0 ? {} : { attributes }),
			...dropped(droppedAttributes),
		},
		spans: spans.map(otlpSpan),
		...(schemaUrl === '' ? {} : { schemaUrl }),
	};
}

/** Of a group, which has at least one member. */
function first<Value>(spans: readonly StoredSpan[], of: (span: StoredSpan) => Value): Value {
	const [span] = spans;
	if (span === undefined) throw new Error('a group of spans is empty');
	return of(span);
}

const otlpSpan = (span: StoredSpan): OtlpSpan => ({
	traceId: span.traceId,
	spanId: span.spanId,
	...(span.parentSpanId === '' ? {} : { parentSpanId: span.parentSpanId }),
	...(span.traceState === '' ? {} : { traceState: span.traceState }),
	...(span.flags === 0 ? {} : { flags: span.flags }),
	name: span.name,
	kind: span.kind,
	startTimeUnixNano: String(span.startUnixNano),
	endTimeUnixNano: String(span.endUnixNano),
	attributes: span.attributes,
	...dropped(span.droppedAttributes),
	...(span.events.length === 0 ? {} : { events: span.events.map(otlpEvent) }),
	...(span.droppedEvents === 0 ? {} : { droppedEventsCount: span.droppedEvents }),
	...(span.links.length === 0 ? {} : { links: span.links.map(otlpLink) }),
	...(span.droppedLinks === 0 ? {} : { droppedLinksCount: span.droppedLinks }),
	status: {
		...(span.status === 0 ? {} : { code: span.status }),
		...(span.statusMessage === '' ? {} : { message: span.statusMessage }),
	},
});

const otlpEvent = (event: StoredEvent): NonNullable<OtlpSpan['events']>[number] => ({
	timeUnixNano: String(event.timeUnixNano),
	name: event.name,
	attributes: event.attributes,
	...dropped(event.droppedAttributes),
});

const otlpLink = (link: StoredLink): OtlpLink => ({
	traceId: link.traceId,
	spanId: link.spanId,
	...(link.traceState === '' ? {} : { traceState: link.traceState }),
	...(link.flags === 0 ? {} : { flags: link.flags }),
	attributes: link.attributes,
	...dropped(link.droppedAttributes),
});

const dropped = (count: number): { droppedAttributesCount?: number } =>
	count === 0 ? {} : { droppedAttributesCount: count };
