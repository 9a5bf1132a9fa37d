import type { EventModel, LinkModel, PairModel, RequestModel, SpanModel, ValueModel } from '../support/otlp-model.ts';

export type Bare = Record<string, unknown>;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
export const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());
export const textOf = (value: unknown): string => decoder.decode(bytesOf(value));
export const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
/** Enums are open: a number that has no name, or is negative, is kept by the decoder as 0. */
export const enumOf = (value: unknown): number => Math.max(0, numberOf(value));
export const bigOf = (value: unknown): bigint => (typeof value === 'string' ? BigInt(value) : 0n);
export const listOf = (value: unknown): Bare[] => (Array.isArray(value) ? (value as Bare[]) : []);
export const objectOf = (value: unknown): Bare => (typeof value === 'object' && value !== null ? (value as Bare) : {});

export function valueOf(bare: Bare): ValueModel {
	if ('stringValue' in bare) return { s: textOf(bare['stringValue']) };
	if ('boolValue' in bare) return { b: bigOf(bare['boolValue']) !== 0n };
	if ('intValue' in bare) return { i: bigOf(bare['intValue']) };
	if ('doubleValue' in bare) return { d: numberOf(bare['doubleValue']) };
	if ('bytesValue' in bare) return { bytes: bytesOf(bare['bytesValue']) };
	if ('arrayValue' in bare) return { array: listOf(objectOf(bare['arrayValue'])['values']).map(valueOf) };
	if ('kvlistValue' in bare) return { map: pairsOf(objectOf(bare['kvlistValue'])['values']) };
	return { empty: true };
}

export const pairsOf = (value: unknown): PairModel[] =>
	listOf(value).map((pair) => [textOf(pair['key']), valueOf(objectOf(pair['value']))]);

const eventOf = (bare: Bare): EventModel => ({
	time: bigOf(bare['timeUnixNano']),
	name: textOf(bare['name']),
	attributes: pairsOf(bare['attributes']),
	dropped: numberOf(bare['droppedAttributesCount']),
});

const linkOf = (bare: Bare): LinkModel => ({
	traceId: bytesOf(bare['traceId']),
	spanId: bytesOf(bare['spanId']),
	traceState: textOf(bare['traceState']),
	flags: numberOf(bare['flags']),
	attributes: pairsOf(bare['attributes']),
	dropped: numberOf(bare['droppedAttributesCount']),
});

function spanOf(bare: Bare): SpanModel {
	const status = objectOf(bare['status']);
	return {
		traceId: bytesOf(bare['traceId']),
		spanId: bytesOf(bare['spanId']),
		parentSpanId: 'parentSpanId' in bare ? bytesOf(bare['parentSpanId']) : null,
		traceState: textOf(bare['traceState']),
		flags: numberOf(bare['flags']),
		name: textOf(bare['name']),
		kind: enumOf(bare['kind']),
		start: bigOf(bare['startTimeUnixNano']),
		end: bigOf(bare['endTimeUnixNano']),
		attributes: pairsOf(bare['attributes']),
		dropped: [
			numberOf(bare['droppedAttributesCount']),
			numberOf(bare['droppedEventsCount']),
			numberOf(bare['droppedLinksCount']),
		],
		events: listOf(bare['events']).map(eventOf),
		links: listOf(bare['links']).map(linkOf),
		status: { code: enumOf(status['code']), message: textOf(status['message']) },
	};
}

/** A request as protobufjs read it, texts being bytes. */
export const modelOf = (bare: Bare): RequestModel =>
	listOf(bare['resourceSpans']).flatMap((resourceSpans) =>
		listOf(resourceSpans['scopeSpans']).map((scopeSpans) => {
			const scope = objectOf(scopeSpans['scope']);
			return {
				resource: pairsOf(objectOf(resourceSpans['resource'])['attributes']),
				scope: { name: textOf(scope['name']), version: textOf(scope['version']) },
				spans: listOf(scopeSpans['spans']).map(spanOf),
			};
		}),
	);
