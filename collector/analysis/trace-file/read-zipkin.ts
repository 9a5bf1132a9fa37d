/** Zipkin's JSON, version 2: a list of spans. Times are microseconds. Source: zipkin-api, `zipkin2-api.yaml`. */
import type { KeyValue } from '../../../schema/api.ts';
import type { OtlpSpan, OtlpTracesData } from '../../../schema/otlp-json.ts';
import { SPAN_KINDS } from '../../../schema/span.ts';
import { plainAnyValue } from './any-value.ts';
import { fail, hexId, isObject, listAt, nanoAt, objectAt, textOf } from './json-shape.ts';
import type { JsonObject } from './json-shape.ts';

const MICRO = 1000n;

export const looksLikeZipkin = (value: unknown): boolean =>
	isObject(value) && typeof value.traceId === 'string' && typeof value.id === 'string';

export function readZipkin(spans: readonly unknown[]): OtlpTracesData {
	const read = spans.map((span, index) => ({ span: objectAt(span, `[${index}]`), where: `[${index}]` }));
	const byService = Map.groupBy(read, ({ span }) => serviceOf(span));
	return {
		resourceSpans: [...byService].map(([service, members]) => ({
			resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
			scopeSpans: [{ scope: {}, spans: members.map(({ span, where }) => readSpan(span, where)) }],
		})),
	};
}

const serviceOf = (span: JsonObject): string =>
	(isObject(span.localEndpoint) ? textOf(span.localEndpoint.serviceName) : '') || 'unknown_service';

function readSpan(span: JsonObject, where: string): OtlpSpan {
	const tags = objectAt(span.tags ?? {}, `${where}.tags`);
	const start = nanoAt(span.timestamp ?? firstAnnotation(span), `${where}.timestamp`, MICRO);
	return {
		traceId: hexId(span.traceId, 32) || fail(`${where}.traceId`, '16 or 32 hexadecimal digits', span.traceId),
		spanId: hexId(span.id, 16) || fail(`${where}.id`, '16 hexadecimal digits', span.id),
		parentSpanId: hexId(span.parentId, 16),
		name: textOf(span.name),
		kind: Math.max(
			0,
			SPAN_KINDS.findIndex((kind) => kind === textOf(span.kind).toLowerCase()),
		),
		startTimeUnixNano: String(start),
		endTimeUnixNano: String(start + nanoAt(span.duration ?? 0, `${where}.duration`, MICRO)),
		attributes: [
			...Object.entries(tags).map(([key, value]) => ({ key, value: plainAnyValue(value) })),
			...peerOf(span),
		],
		events: listAt(span.annotations, `${where}.annotations`).map((entry, index) => {
			const annotation = objectAt(entry, `${where}.annotations[${index}]`);
			return {
				timeUnixNano: String(nanoAt(annotation.timestamp, `${where}.annotations[${index}].timestamp`, MICRO)),
				name: textOf(annotation.value),
				attributes: [],
			};
		}),
		// Zipkin: the tag `error` marks a failure, its value says which.
		status: Object.hasOwn(tags, 'error') ? { code: 2, message: textOf(tags.error) } : {},
	};
}

/** A span may come without a time of its own. */
const firstAnnotation = (span: JsonObject): unknown => {
	const first: unknown = Array.isArray(span.annotations) ? span.annotations[0] : undefined;
	return isObject(first) ? first.timestamp : undefined;
};

function peerOf({ remoteEndpoint: peer }: JsonObject): KeyValue[] {
	if (!isObject(peer)) return [];
	const address = textOf(peer.serviceName) || textOf(peer.ipv4) || textOf(peer.ipv6);
	return [
		...(address === '' ? [] : [{ key: 'server.address', value: { stringValue: address } }]),
		...(typeof peer.port === 'number' ? [{ key: 'server.port', value: { intValue: String(peer.port) } }] : []),
	];
}
