import type { SpanView } from './span-block-view.ts';

/** OTLP's values as a tree that encoders of both kinds and the expectation are made from. */
export type ValueModel =
	| { s: string }
	| { i: bigint }
	| { d: number }
	| { b: boolean }
	| { bytes: Uint8Array }
	| { array: ValueModel[] }
	| { map: PairModel[] }
	| { empty: true };
export type PairModel = [key: string, value: ValueModel];

export interface EventModel {
	time: bigint;
	name: string;
	attributes: PairModel[];
	dropped?: number;
}

export interface LinkModel {
	traceId: Uint8Array;
	spanId: Uint8Array;
	traceState: string;
	flags: number;
	attributes: PairModel[];
	dropped?: number;
}

export interface SpanModel {
	traceId: Uint8Array;
	spanId: Uint8Array;
	parentSpanId: Uint8Array | null;
	traceState: string;
	flags: number;
	name: string;
	kind: number;
	start: bigint;
	end: bigint;
	attributes: PairModel[];
	dropped: [attributes: number, events: number, links: number];
	events: EventModel[];
	links: LinkModel[];
	status: { code: number; message: string };
}

export type RequestModel = {
	resource: PairModel[];
	scope: { name: string; version: string };
	spans: SpanModel[];
}[];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const named = (d: number): number | string => (Number.isFinite(d) ? d : String(d));

/** OTLP/JSON when `isJson`, otherwise what the protobuf encoder takes. */
export function anyValue(model: ValueModel, isJson: boolean): Record<string, unknown> {
	if ('s' in model) return { stringValue: model.s };
	if ('i' in model) return { intValue: String(model.i) };
	if ('d' in model) return { doubleValue: isJson ? (Object.is(model.d, -0) ? '-0' : named(model.d)) : model.d };
	if ('b' in model) return { boolValue: model.b };
	if ('bytes' in model) return { bytesValue: isJson ? Buffer.from(model.bytes).toString('base64') : model.bytes };
	if ('array' in model) return { arrayValue: { values: model.array.map((each) => anyValue(each, isJson)) } };
	if ('map' in model) return { kvlistValue: { values: keyValues(model.map, isJson) } };
	return {};
}

export const keyValues = (pairs: readonly PairModel[], isJson: boolean) =>
	pairs.map(([name, model]) => ({ key: name, value: anyValue(model, isJson) }));

/** ExportTraceServiceRequest, in OTLP/JSON or as protobufjs encodes it. */
export function wireRequest(sent: RequestModel, isJson: boolean): Record<string, unknown> {
	const id = (bytes: Uint8Array | null) => (bytes === null ? undefined : isJson ? hex(bytes) : bytes);
	const spanOf = (each: SpanModel) => ({
		traceId: id(each.traceId),
		spanId: id(each.spanId),
		...(each.parentSpanId === null ? {} : { parentSpanId: id(each.parentSpanId) }),
		traceState: each.traceState,
		flags: each.flags,
		name: each.name,
		kind: each.kind,
		startTimeUnixNano: String(each.start),
		endTimeUnixNano: String(each.end),
		attributes: keyValues(each.attributes, isJson),
		droppedAttributesCount: each.dropped[0],
		droppedEventsCount: each.dropped[1],
		droppedLinksCount: each.dropped[2],
		events: each.events.map((event) => ({
			timeUnixNano: String(event.time),
			name: event.name,
			attributes: keyValues(event.attributes, isJson),
			droppedAttributesCount: event.dropped ?? 0,
		})),
		links: each.links.map((link) => ({
			traceId: id(link.traceId),
			spanId: id(link.spanId),
			traceState: link.traceState,
			flags: link.flags,
			attributes: keyValues(link.attributes, isJson),
			droppedAttributesCount: link.dropped ?? 0,
		})),
		status: each.status,
	});
	return {
		resourceSpans: sent.map(({ resource, scope, spans }) => ({
			resource: { attributes: keyValues(resource, isJson) },
			scopeSpans: [{ scope, spans: spans.map(spanOf) }],
		})),
	};
}

/** What is stored of a value: the type's letter and its text. */
export function stored(model: ValueModel): string {
	if ('s' in model) return `s${model.s.toWellFormed()}`;
	if ('i' in model) return `i${model.i}`;
	if ('d' in model) return `d${Object.is(model.d, -0) ? '-0' : model.d}`;
	if ('b' in model) return `b${model.b}`;
	return `j${json(model)}`;
}

function json(model: ValueModel): string {
	if ('s' in model) return `{"stringValue":${JSON.stringify(model.s.toWellFormed())}}`;
	if ('i' in model) return `{"intValue":"${model.i}"}`;
	if ('d' in model)
		return `{"doubleValue":${Number.isFinite(model.d) ? (Object.is(model.d, -0) ? '-0' : model.d) : `"${model.d}"`}}`;
	if ('b' in model) return `{"boolValue":${model.b}}`;
	if ('bytes' in model) return `{"bytesValue":"${Buffer.from(model.bytes).toString('base64')}"}`;
	if ('array' in model) return `{"arrayValue":{"values":[${model.array.map(json).join(',')}]}}`;
	if ('map' in model) {
		const pairs = model.map.map(
			([name, each]) => `{"key":${JSON.stringify(name.toWellFormed())},"value":${json(each)}}`,
		);
		return `{"kvlistValue":{"values":[${pairs.join(',')}]}}`;
	}
	return '{}';
}

export function expectedAttributes(pairs: readonly PairModel[]): Record<string, string> {
	const last = new Map(
		pairs.filter(([name]) => name !== '').map(([name, model]) => [name.toWellFormed(), stored(model)]),
	);
	return Object.assign(
		Object.create(null) as Record<string, string>,
		Object.fromEntries([...last].sort(([a], [b]) => (a < b ? -1 : 1))),
	);
}

export const unnamed = (pairs: readonly PairModel[]): number => pairs.filter(([name]) => name === '').length;
const isZero = (id: Uint8Array): boolean => id.every((byte) => byte === 0);
export const isId = (id: Uint8Array, length: number): boolean => id.length === length && !isZero(id);
export const saturated = (count: number): number => Math.min(count, 0xffff_ffff);

function parentOf({ parentSpanId, spanId }: SpanModel): string {
	const isParent = parentSpanId !== null && parentSpanId.length === 8 && hex(parentSpanId) !== hex(spanId);
	return isParent ? hex(parentSpanId) : '0'.repeat(16);
}

function expectedSpan(
	sent: SpanModel,
	resource: readonly PairModel[],
	scope: { name: string; version: string },
): Partial<SpanView> {
	const [droppedAttributes, droppedEvents, droppedLinks] = sent.dropped;
	// SDKs record links with ids of zeros when they carry attributes, so these are kept.
	const links = sent.links.filter((link) => link.traceId.length === 16 && link.spanId.length === 8);
	return {
		traceId: hex(sent.traceId),
		spanId: hex(sent.spanId),
		parentSpanId: parentOf(sent),
		name: sent.name.toWellFormed(),
		kind: sent.kind > 5 ? 0 : sent.kind,
		traceState: sent.traceState,
		flags: sent.flags,
		startUnixNano: sent.start,
		endUnixNano: sent.end,
		durationNano: sent.end < sent.start ? 0n : sent.end - sent.start,
		statusCode: sent.status.code > 2 ? 0 : sent.status.code,
		statusMessage: sent.status.message.toWellFormed(),
		dropped: [
			saturated(droppedAttributes + unnamed(sent.attributes)),
			droppedEvents,
			saturated(droppedLinks + sent.links.length - links.length),
		],
		attributes: expectedAttributes(sent.attributes),
		events: sent.events.map((event) => ({
			timeUnixNano: event.time,
			name: event.name.toWellFormed(),
			dropped: saturated((event.dropped ?? 0) + unnamed(event.attributes)),
			attributes: expectedAttributes(event.attributes),
		})),
		links: links.map((link) => ({
			traceId: hex(link.traceId),
			spanId: hex(link.spanId),
			traceState: link.traceState.toWellFormed(),
			flags: link.flags,
			dropped: saturated((link.dropped ?? 0) + unnamed(link.attributes)),
			attributes: expectedAttributes(link.attributes),
		})),
		resource: expectedAttributes(resource),
		scope: `${scope.name.toWellFormed()}@${scope.version.toWellFormed()}`,
	};
}

/** What must be stored of a request, span by span; those with invalid ids are left out. Holds for what is below every limit. */
export const expectedSpans = (sent: RequestModel): Partial<SpanView>[] =>
	sent.flatMap(({ resource, scope, spans }) =>
		spans
			.filter((span) => isId(span.traceId, 16) && isId(span.spanId, 8))
			.map((span) => expectedSpan(span, resource, scope)),
	);
