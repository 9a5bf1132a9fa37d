import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { SourceRow } from './block-sources.ts';
import { within } from './decode-error.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import type { LinkFields } from './event-columns.ts';
import { JsonAttributes } from './json-attributes.ts';
import { enumOf, idOf, listOf, member, objectOf, textOf, uint32Of, type JsonObject } from './json-fields.ts';
import { readNanos } from './json-integers.ts';
import type { Words } from './json-integers.ts';
import type { SpanBlockBuilder } from './span-block-builder.ts';
import { SpanFields } from './span-fields.ts';
import { TextScratch } from './text-scratch.ts';

const KINDS = [
	'SPAN_KIND_UNSPECIFIED',
	'SPAN_KIND_INTERNAL',
	'SPAN_KIND_SERVER',
	'SPAN_KIND_CLIENT',
	'SPAN_KIND_PRODUCER',
	'SPAN_KIND_CONSUMER',
];
const STATUS_CODES = ['STATUS_CODE_UNSET', 'STATUS_CODE_OK', 'STATUS_CODE_ERROR'];

/**
 * Puts spans of a parsed request into the columns. Their texts and ids become bytes first, for the columns take bytes.
 * Errors name fields of the span: see `within`.
 */
export class JsonSpans {
	readonly #builder: SpanBlockBuilder;
	readonly #scratch = new TextScratch();
	readonly #attributes: JsonAttributes;
	readonly #fields = new SpanFields();
	readonly #words: Words = { low: 0, high: 0 };
	#base64Ids = false;

	constructor(builder: SpanBlockBuilder) {
		this.#builder = builder;
		this.#attributes = new JsonAttributes(builder.attributeKeys, builder.marks, this.#scratch);
	}

	read(value: unknown, resource: () => SourceRow, scope: () => SourceRow): void {
		const json = objectOf(value, '');
		this.#base64Ids = false;
		this.#scratch.reset();
		this.#readFields(json);
		if (this.#builder.accepts(this.#scratch.bytes, this.#fields)) this.#add(json, resource(), scope());
	}

	#add(json: JsonObject, resource: SourceRow, scope: SourceRow): void {
		const builder = this.#builder;
		const events = listOf(member(json, 'events'), '.events');
		const links = listOf(member(json, 'links'), '.links');
		const isCut = events.length > DECODE_LIMITS.events || links.length > DECODE_LIMITS.links;
		const marks =
			resource.marks | scope.marks | (isCut ? SPAN_MARKS.cut : 0) | (this.#base64Ids ? SPAN_MARKS.base64Id : 0);
		builder.addSpan(this.#scratch.bytes, this.#fields, resource.row, scope.row, marks);
		const attributesLost = this.#emit(json, builder.attributes);
		for (let i = 0; i < Math.min(events.length, DECODE_LIMITS.events); i++)
			this.#part(() => this.#event(events[i]), 'events', i);
		let linksLost = Math.max(links.length - DECODE_LIMITS.links, 0);
		for (let i = 0; i < Math.min(links.length, DECODE_LIMITS.links); i++) {
			if (!this.#part(() => this.#link(links[i]), 'links', i)) linksLost++;
		}
		const droppedEvents = member(json, 'droppedEventsCount', 'dropped_events_count');
		const droppedLinks = member(json, 'droppedLinksCount', 'dropped_links_count');
		builder.endSpan(
			this.#dropped(json) + attributesLost,
			uint32Of(droppedEvents, '.droppedEventsCount') + Math.max(events.length - DECODE_LIMITS.events, 0),
			uint32Of(droppedLinks, '.droppedLinksCount') + linksLost,
		);
	}

	#readFields(json: JsonObject): void {
		const fields = this.#fields;
		fields.reset();
		const scratch = this.#scratch;
		this.#id(member(json, 'traceId', 'trace_id'), 16);
		fields.traceIdStart = scratch.start;
		fields.traceIdEnd = scratch.end;
		this.#id(member(json, 'spanId', 'span_id'), 8);
		fields.spanIdStart = scratch.start;
		fields.spanIdEnd = scratch.end;
		this.#id(member(json, 'parentSpanId', 'parent_span_id'), 8);
		fields.parentStart = scratch.start;
		fields.parentEnd = scratch.end;
		this.#text(member(json, 'name'), '.name');
		fields.nameStart = scratch.start;
		fields.nameEnd = scratch.end;
		this.#text(member(json, 'traceState', 'trace_state'), '.traceState');
		fields.traceStateStart = scratch.start;
		fields.traceStateEnd = scratch.end;
		fields.kind = enumOf(member(json, 'kind'), KINDS, '.kind');
		fields.flags = uint32Of(member(json, 'flags'), '.flags');
		this.#times(json);
		this.#status(objectOf(member(json, 'status'), '.status'));
	}

	#times(json: JsonObject): void {
		const words = this.#words;
		readNanos(member(json, 'startTimeUnixNano', 'start_time_unix_nano'), '.startTimeUnixNano', words);
		this.#fields.startLow = words.low;
		this.#fields.startHigh = words.high;
		readNanos(member(json, 'endTimeUnixNano', 'end_time_unix_nano'), '.endTimeUnixNano', words);
		this.#fields.endLow = words.low;
		this.#fields.endHigh = words.high;
	}

	#status(json: JsonObject): void {
		this.#text(member(json, 'message'), '.status.message');
		this.#fields.messageStart = this.#scratch.start;
		this.#fields.messageEnd = this.#scratch.end;
		this.#fields.statusCode = enumOf(member(json, 'code'), STATUS_CODES, '.status.code');
	}

	#part<Read>(read: () => Read, list: string, index: number): Read {
		try {
			return read();
		} catch (error) {
			throw within(error, `.${list}[${index}]`);
		}
	}

	#event(value: unknown): void {
		const json = objectOf(value, '');
		readNanos(member(json, 'timeUnixNano', 'time_unix_nano'), '.timeUnixNano', this.#words);
		this.#scratch.reset();
		this.#text(member(json, 'name'), '.name');
		const { bytes, start, end } = this.#scratch;
		this.#builder.events.add(this.#words.low, this.#words.high, bytes, start, end);
		this.#builder.events.end(this.#dropped(json) + this.#emit(json, this.#builder.events.attributes));
	}

	#link(value: unknown): boolean {
		const json = objectOf(value, '');
		const scratch = this.#scratch;
		scratch.reset();
		this.#id(member(json, 'traceId', 'trace_id'), 16);
		const { start: traceIdStart, end: traceIdEnd } = scratch;
		this.#id(member(json, 'spanId', 'span_id'), 8);
		const { start: spanIdStart, end: spanIdEnd } = scratch;
		this.#text(member(json, 'traceState', 'trace_state'), '.traceState');
		const { start: traceStateStart, end: traceStateEnd } = scratch;
		const flags = uint32Of(member(json, 'flags'), '.flags');
		const ids = { traceIdStart, traceIdEnd, spanIdStart, spanIdEnd };
		const link: LinkFields = { ...ids, traceStateStart, traceStateEnd, flags };
		if (this.#base64Ids) this.#builder.marks.set(SPAN_MARKS.base64Id);
		if (!this.#builder.links.add(scratch.bytes, link)) return false;
		this.#builder.links.end(this.#dropped(json) + this.#emit(json, this.#builder.links.attributes));
		return true;
	}

	#emit(json: JsonObject, sink: Parameters<JsonAttributes['emit']>[1]): number {
		this.#scratch.reset();
		const lost = this.#attributes.emit(member(json, 'attributes'), sink, '.attributes');
		this.#builder.droppedAttributes += lost;
		return lost;
	}

	#dropped(json: JsonObject): number {
		return uint32Of(member(json, 'droppedAttributesCount', 'dropped_attributes_count'), '.droppedAttributesCount');
	}

	#id(value: unknown, length: number): void {
		if (typeof value === 'string' && value.length === length * 2 && this.#scratch.hex(value)) return;
		const { bytes, isBase64 } = idOf(value, length);
		if (isBase64) this.#base64Ids = true;
		this.#scratch.raw(bytes);
	}

	#text(value: unknown, field: string): void {
		this.#scratch.text(textOf(value, field).slice(0, DECODE_LIMITS.valueBytes + 1));
	}
}
