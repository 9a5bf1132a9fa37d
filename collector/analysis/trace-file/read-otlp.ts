import type {
	OtlpLink,
	OtlpResourceSpans,
	OtlpScopeSpans,
	OtlpSpan,
	OtlpTracesData,
} from '../../../schema/otlp-json.ts';
import { SPAN_KINDS, STATUS_CODES } from '../../../schema/span.ts';
import { readKeyValues } from './any-value.ts';
import { countOf, fail, hexId, listAt, nanoAt, objectAt, textOf } from './json-shape.ts';
import type { JsonObject } from './json-shape.ts';

/** OTLP/JSON `TracesData`; also under the names that Tempo and older versions of the protocol use. */
export function readOtlp(document: JsonObject, where = ''): OtlpTracesData {
	const name = document.resourceSpans === undefined ? 'batches' : 'resourceSpans';
	const path = `${where}${name}`;
	return {
		resourceSpans: listAt(document[name], path).map((entry, index) =>
			readResourceSpans(objectAt(entry, `${path}[${index}]`), `${path}[${index}]`),
		),
	};
}

function readResourceSpans(entry: JsonObject, where: string): OtlpResourceSpans {
	const resource = entry.resource === undefined ? {} : objectAt(entry.resource, `${where}.resource`);
	const name = ['scopeSpans', 'instrumentationLibrarySpans'].find((key) => entry[key] !== undefined) ?? 'scopeSpans';
	return {
		resource: {
			attributes: readKeyValues(resource.attributes, `${where}.resource.attributes`),
			droppedAttributesCount: countOf(resource.droppedAttributesCount),
		},
		scopeSpans: listAt(entry[name], `${where}.${name}`).map((scope, index) =>
			readScopeSpans(objectAt(scope, `${where}.${name}[${index}]`), `${where}.${name}[${index}]`),
		),
		schemaUrl: textOf(entry.schemaUrl),
	};
}

function readScopeSpans(entry: JsonObject, where: string): OtlpScopeSpans {
	const scope = objectAt(entry.scope ?? entry.instrumentationLibrary ?? {}, `${where}.scope`);
	return {
		scope: {
			name: textOf(scope.name),
			version: textOf(scope.version),
			attributes: readKeyValues(scope.attributes, `${where}.scope.attributes`),
			droppedAttributesCount: countOf(scope.droppedAttributesCount),
		},
		spans: listAt(entry.spans, `${where}.spans`).map((span, index) =>
			readSpan(objectAt(span, `${where}.spans[${index}]`), `${where}.spans[${index}]`),
		),
		schemaUrl: textOf(entry.schemaUrl),
	};
}

function readSpan(span: JsonObject, where: string): OtlpSpan {
	const status = objectAt(span.status ?? {}, `${where}.status`);
	const start = nanoAt(span.startTimeUnixNano, `${where}.startTimeUnixNano`);
	const end = span.endTimeUnixNano === undefined ? start : nanoAt(span.endTimeUnixNano, `${where}.endTimeUnixNano`);
	return {
		traceId: hexId(span.traceId, 32) || fail(`${where}.traceId`, '32 hexadecimal digits', span.traceId),
		spanId: hexId(span.spanId, 16) || fail(`${where}.spanId`, '16 hexadecimal digits', span.spanId),
		parentSpanId: hexId(span.parentSpanId, 16),
		traceState: textOf(span.traceState),
		flags: countOf(span.flags),
		name: textOf(span.name),
		kind: numberOf(span.kind, 'SPAN_KIND_', SPAN_KINDS),
		startTimeUnixNano: String(start),
		endTimeUnixNano: String(end),
		attributes: readKeyValues(span.attributes, `${where}.attributes`),
		droppedAttributesCount: countOf(span.droppedAttributesCount),
		events: listAt(span.events, `${where}.events`).map((event, index) =>
			readEvent(objectAt(event, `${where}.events[${index}]`), `${where}.events[${index}]`),
		),
		droppedEventsCount: countOf(span.droppedEventsCount),
		links: listAt(span.links, `${where}.links`).map((link, index) =>
			readLink(objectAt(link, `${where}.links[${index}]`), `${where}.links[${index}]`),
		),
		droppedLinksCount: countOf(span.droppedLinksCount),
		status: { code: numberOf(status.code, 'STATUS_CODE_', STATUS_CODES), message: textOf(status.message) },
	};
}

/** Protobuf's JSON form allows numbers and names: `SPAN_KIND_SERVER`. Unknown ones are 0. */
function numberOf(value: unknown, prefix: string, names: readonly string[]): number {
	if (typeof value === 'string' && value.startsWith(prefix)) {
		return Math.max(0, names.indexOf(value.slice(prefix.length).toLowerCase()));
	}
	const number = Number(value ?? 0);
	return Number.isInteger(number) && number >= 0 && number < names.length ? number : 0;
}

const readEvent = (event: JsonObject, where: string): NonNullable<OtlpSpan['events']>[number] => ({
	timeUnixNano: String(nanoAt(event.timeUnixNano ?? 0, `${where}.timeUnixNano`)),
	name: textOf(event.name),
	attributes: readKeyValues(event.attributes, `${where}.attributes`),
	droppedAttributesCount: countOf(event.droppedAttributesCount),
});

const readLink = (link: JsonObject, where: string): OtlpLink => ({
	traceId: hexId(link.traceId, 32),
	spanId: hexId(link.spanId, 16),
	traceState: textOf(link.traceState),
	flags: countOf(link.flags),
	attributes: readKeyValues(link.attributes, `${where}.attributes`),
	droppedAttributesCount: countOf(link.droppedAttributesCount),
});
