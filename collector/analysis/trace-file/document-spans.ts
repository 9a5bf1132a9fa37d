import type { KeyValue, SpanDetail } from '../../../schema/api.ts';
import type { OtlpLink, OtlpScopeSpans, OtlpSpan, OtlpTracesData } from '../../../schema/otlp-json.ts';
import { SPAN_KINDS, SPAN_TYPES, STATUS_CODES } from '../../../schema/span.ts';
import type { TraceSpans } from '../../../schema/trace-spans.ts';
import { fileSpanFacts, plainText } from './span-facts.ts';

/** A span of an OTLP document with what it was found under. */
export interface DocumentSpan {
	span: OtlpSpan;
	resource: OtlpTracesData['resourceSpans'][number];
	scope: OtlpScopeSpans;
}

/** The spans of one trace, in the order of the document. */
export function documentSpans(data: OtlpTracesData, traceId: string): DocumentSpan[] {
	const found: DocumentSpan[] = [];
	for (const resource of data.resourceSpans) {
		for (const scope of resource.scopeSpans) {
			for (const span of scope.spans) if (span.traceId === traceId) found.push({ span, resource, scope });
		}
	}
	return found;
}

const attributeOf = (attributes: readonly KeyValue[], key: string): string => {
	const found = attributes.find((attribute) => attribute.key === key);
	return found === undefined ? '' : plainText(found.value);
};

export function serviceOf({ resource: { resource } }: Pick<DocumentSpan, 'resource'>): {
	namespace: string;
	service: string;
} {
	return {
		namespace: attributeOf(resource.attributes, 'service.namespace'),
		service: attributeOf(resource.attributes, 'service.name') || 'unknown_service',
	};
}

const fullName = ({ namespace, service }: { namespace: string; service: string }): string =>
	namespace === '' ? service : `${namespace}/${service}`;

/** Gives each text a number, once. */
class Texts {
	readonly all: string[] = [];
	readonly #places = new Map<string, number>();

	place(text: string): number {
		let place = this.#places.get(text);
		if (place === undefined) {
			place = this.all.push(text) - 1;
			this.#places.set(text, place);
		}
		return place;
	}
}

/** Spans of a document in the columns that `arrangeTrace` takes. */
export function documentColumns(spans: readonly DocumentSpan[]): TraceSpans {
	const services = new Texts();
	const names = new Texts();
	const clocks = new Texts();
	const facts = spans.map(({ span }) => fileSpanFacts(span));
	const byResource = new Map<DocumentSpan['resource'], { service: number; clock: number }>();
	for (const { resource } of spans) {
		if (byResource.has(resource)) continue;
		const name = fullName(serviceOf({ resource }));
		const host =
			attributeOf(resource.resource.attributes, 'host.id') || attributeOf(resource.resource.attributes, 'host.name');
		byResource.set(resource, { service: services.place(name), clock: clocks.place(host || `service ${name}`) });
	}
	const clamp = (count: number): number => Math.min(count, 65_535);
	return {
		count: spans.length,
		spanId: BigUint64Array.from(spans, ({ span }) => BigInt(`0x${span.spanId}`)),
		parentSpanId: BigUint64Array.from(spans, ({ span }) => (span.parentSpanId ? BigInt(`0x${span.parentSpanId}`) : 0n)),
		startUnixNano: BigUint64Array.from(spans, ({ span }) => BigInt(span.startTimeUnixNano)),
		durationNano: Float64Array.from(spans, ({ span }) => durationOf(span)),
		kind: Uint8Array.from(spans, ({ span }) => span.kind),
		type: Uint8Array.from(facts, ({ type }) => SPAN_TYPES.indexOf(type)),
		statusCode: Uint8Array.from(spans, ({ span }) => span.status.code ?? 0),
		error: Uint8Array.from(facts, ({ isError }) => (isError ? 1 : 0)),
		marks: new Uint32Array(spans.length),
		httpStatus: Uint16Array.from(facts, ({ httpStatus }) => httpStatus),
		events: Uint16Array.from(spans, ({ span }) => clamp(span.events?.length ?? 0)),
		links: Uint16Array.from(spans, ({ span }) => clamp(span.links?.length ?? 0)),
		clock: Uint32Array.from(spans, ({ resource }) => byResource.get(resource)?.clock ?? 0),
		service: Uint32Array.from(spans, ({ resource }) => byResource.get(resource)?.service ?? 0),
		name: Uint32Array.from(spans, ({ span }) => names.place(span.name)),
		operation: Uint32Array.from(facts, ({ operation }) => names.place(operation)),
		services: services.all,
		names: names.all,
	};
}

/** A span that ends before it begins lasted no time. */
const durationOf = (span: OtlpSpan): number =>
	Math.max(0, Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)));

/** As `/traces/{traceId}/spans/{spanId}` answers, as far as the document tells. */
export function documentDetail(found: DocumentSpan, all: readonly DocumentSpan[]): SpanDetail {
	const { span, resource } = found;
	const resourceText = (key: string): string => attributeOf(resource.resource.attributes, key);
	const isLink = (link: OtlpLink): boolean => link.traceId === span.traceId && link.spanId === span.spanId;
	const linking = all.filter((other) => other.span.links?.some(isLink));
	return {
		...rowOf(found),
		...serviceOf(found),
		...sourcesOf(found),
		...eventsAndLinks(span),
		environment: resourceText('deployment.environment.name') || resourceText('deployment.environment'),
		version: resourceText('service.version'),
		statusMessage: span.status.message ?? '',
		traceState: span.traceState ?? '',
		flags: span.flags ?? 0,
		endUnixNano: span.endTimeUnixNano,
		marks: [],
		weight: 1,
		attributes: span.attributes,
		droppedAttributes: span.droppedAttributesCount ?? 0,
		linkedFrom: linking.map(rowOf),
		linkedFromOf: linking.length,
	};
}

function eventsAndLinks(span: OtlpSpan): Pick<SpanDetail, 'events' | 'droppedEvents' | 'links' | 'droppedLinks'> {
	return {
		events: (span.events ?? []).map((event) => ({ ...event, droppedAttributes: event.droppedAttributesCount ?? 0 })),
		droppedEvents: span.droppedEventsCount ?? 0,
		links: (span.links ?? []).map((link) => ({
			...link,
			traceState: link.traceState ?? '',
			flags: link.flags ?? 0,
			droppedAttributes: link.droppedAttributesCount ?? 0,
		})),
		droppedLinks: span.droppedLinksCount ?? 0,
	};
}

function sourcesOf({ resource, scope }: DocumentSpan): Pick<SpanDetail, 'resource' | 'scope'> {
	return {
		resource: {
			attributes: resource.resource.attributes,
			droppedAttributes: resource.resource.droppedAttributesCount ?? 0,
			schemaUrl: resource.schemaUrl ?? '',
		},
		scope: {
			name: scope.scope.name ?? '',
			version: scope.scope.version ?? '',
			attributes: scope.scope.attributes ?? [],
			droppedAttributes: scope.scope.droppedAttributesCount ?? 0,
			schemaUrl: scope.schemaUrl ?? '',
		},
	};
}

function rowOf({ span, resource }: Pick<DocumentSpan, 'span' | 'resource'>) {
	const { type, operation, isError } = fileSpanFacts(span);
	return {
		traceId: span.traceId,
		spanId: span.spanId,
		parentSpanId: span.parentSpanId ?? '',
		service: fullName(serviceOf({ resource })),
		operation,
		name: span.name,
		kind: SPAN_KINDS[span.kind] ?? 'unspecified',
		type,
		startUnixNano: span.startTimeUnixNano,
		durationNano: durationOf(span),
		status: STATUS_CODES[span.status.code ?? 0] ?? 'unset',
		error: isError,
	};
}
