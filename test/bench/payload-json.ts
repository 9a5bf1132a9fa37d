import type { Encoded, Patcher, PatchPoints } from './otlp-payload.ts';
import { EXCEPTION } from './payload-protobuf.ts';
import { SERVICES, type TrafficSpan, type Value } from './traffic.ts';

/** Collects text, which is ASCII throughout, so that a character is a byte. */
class JsonText {
	readonly points: PatchPoints = { traceIds: [], spanIds: [], times: [] };
	#text = '';

	add(text: string): this {
		this.#text += text;
		return this;
	}

	id(digits: number, number: number, points: [number, number][]): this {
		points.push([this.#text.length + 1, number]);
		return this.add(`"${'0'.repeat(digits)}"`);
	}

	time(nanosBefore: number): this {
		this.points.times.push([this.#text.length + 1, nanosBefore]);
		return this.add(`"${'1'.repeat(19)}"`);
	}

	list<Item>(items: readonly Item[], write: (item: Item) => void): this {
		this.add('[');
		items.forEach((item, i) => {
			if (i > 0) this.add(',');
			write(item);
		});
		return this.add(']');
	}

	finish(): Uint8Array {
		return new Uint8Array(Buffer.from(this.#text, 'latin1'));
	}
}

function anyValue(value: Value): unknown {
	if (typeof value === 'string') return { stringValue: value };
	if (typeof value === 'boolean') return { boolValue: value };
	return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

const attributeList = (attributes: Record<string, Value>): string =>
	JSON.stringify(Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) })));

function writeSpan(json: JsonText, span: TrafficSpan): void {
	const { points } = json;
	json.add('{"traceId":').id(32, span.trace, points.traceIds).add(',"spanId":').id(16, span.id, points.spanIds);
	if (span.parent !== undefined) json.add(',"parentSpanId":').id(16, span.parent, points.spanIds);
	json.add(`,"name":${JSON.stringify(span.name)},"kind":${span.kind},"startTimeUnixNano":`).time(span.startBefore);
	json
		.add(',"endTimeUnixNano":')
		.time(span.endBefore)
		.add(`,"attributes":${attributeList(span.attributes)}`);
	if (span.failed) {
		json.add(',"events":[{"timeUnixNano":').time(span.endBefore);
		json.add(`,"name":"exception","attributes":${attributeList(EXCEPTION)}}]`);
		json.add(',"status":{"code":2,"message":"upstream request timeout"}');
	}
	json.add(',"flags":257}');
}

/** The same request as in protobuf. */
export function encodeJson(spans: readonly TrafficSpan[]): Encoded {
	const json = new JsonText();
	const byService = Map.groupBy(spans, (span) => span.service);
	json.add('{"resourceSpans":').list([...byService], ([service, own]) => {
		json.add(
			`{"resource":{"attributes":${attributeList(SERVICES[service]?.attributes ?? {})}},"scopeSpans":[{"scope":`,
		);
		json.add('{"name":"@opentelemetry/instrumentation-http","version":"0.208.0"},"spans":');
		json.list(own, (span) => writeSpan(json, span)).add('}]}');
	});
	json.add('}');
	return { body: json.finish(), points: json.points, patcher: TEXT_PATCHER };
}

const TEXT_PATCHER: Patcher = {
	id: (body, position, words) =>
		words.forEach((word, i) => writeAscii(body, position + i * 8, word.toString(16).padStart(8, '0'))),
	time: (body, position, low, high) => writeAscii(body, position, String((BigInt(high) << 32n) | BigInt(low))),
};

function writeAscii(body: Uint8Array, position: number, text: string): void {
	for (let i = 0; i < text.length; i++) body[position + i] = text.charCodeAt(i);
}
