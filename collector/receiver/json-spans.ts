import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { SourceRow } from './block-sources.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import type { LinkFields } from './event-columns.ts';
import { JsonAttributes } from './json-attributes.ts';
import { enumOf, idOf, listOf, member, nanosOf, objectOf, textOf, uint32Of, type JsonObject } from './json-fields.ts';
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

const low = (nanos: bigint): number => Number(nanos & 0xffff_ffffn);
const high = (nanos: bigint): number => Number(nanos >> 32n);

/** Puts spans of a parsed request into the columns. Their texts and ids become bytes first, for the columns take bytes. */
export class JsonSpans {
	readonly #builder: SpanBlockBuilder;
	readonly #scratch = new TextScratch();
	readonly #attributes: JsonAttributes;
	readonly #fields = new SpanFields();
	#base64Ids = false;

	constructor(builder: SpanBlockBuilder) {
		this.#builder = builder;
		this.#attributes = new JsonAttributes(builder.attributeKeys, builder.marks, this.#scratch);
	}

	read(value: unknown, field: string, resource: () => SourceRow, scope: () => SourceRow): void {
		const json = objectOf(value, field);
		this.#base64Ids = false;
		this.#scratch.reset();
		this.#readFields(json, field);
		if (this.#builder.accepts(this.#scratch.bytes, this.#fields)) this.#add(json, field, resource(), scope());
	}

	#add(json: JsonObject, field: string, resource: SourceRow, scope: SourceRow): void {
		const builder = this.#builder;
		const events = listOf(member(json, 'events'), `${field}.events`);
		const links = listOf(member(json, 'links'), `${field}.links`);
		const isCut = events.length > DECODE_LIMITS.events || links.length > DECODE_LIMITS.links;
		const marks =
			resource.marks | scope.marks | (isCut ? SPAN_MARKS.cut : 0) | (this.#base64Ids ? SPAN_MARKS.base64Id : 0);
		builder.addSpan(this.#scratch.bytes, this.#fields, resource.row, scope.row, marks);
		const attributesLost = this.#emit(json, builder.attributes, field);
		for (let i = 0; i < Math.min(events.length, DECODE_LIMITS.events); i++)
			this.#event(events[i], `${field}.events[${i}]`);
		let linksLost = Math.max(links.length - DECODE_LIMITS.links, 0);
		for (let i = 0; i < Math.min(links.length, DECODE_LIMITS.links); i++) {
			if (!this.#link(links[i], `${field}.links[${i}]`)) linksLost++;
		}
		const count = (name: string, alias: string): number => uint32Of(member(json, name, alias), `${field}.${name}`);
		builder.endSpan(
			count('droppedAttributesCount', 'dropped_attributes_count') + attributesLost,
			count('droppedEventsCount', 'dropped_events_count') + Math.max(events.length - DECODE_LIMITS.events, 0),
			count('droppedLinksCount', 'dropped_links_count') + linksLost,
		);
	}

	#readFields(json: JsonObject, field: string): void {
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
		this.#text(member(json, 'name'), `${field}.name`);
		fields.nameStart = scratch.start;
		fields.nameEnd = scratch.end;
		this.#text(member(json, 'traceState', 'trace_state'), `${field}.traceState`);
		fields.traceStateStart = scratch.start;
		fields.traceStateEnd = scratch.end;
		fields.kind = enumOf(member(json, 'kind'), KINDS, `${field}.kind`);
		fields.flags = uint32Of(member(json, 'flags'), `${field}.flags`);
		this.#times(json, field);
		this.#status(objectOf(member(json, 'status'), `${field}.status`), `${field}.status`);
	}

	#times(json: JsonObject, field: string): void {
		const start = nanosOf(member(json, 'startTimeUnixNano', 'start_time_unix_nano'), `${field}.startTimeUnixNano`);
		const end = nanosOf(member(json, 'endTimeUnixNano', 'end_time_unix_nano'), `${field}.endTimeUnixNano`);
		this.#fields.startLow = low(start);
		this.#fields.startHigh = high(start);
		this.#fields.endLow = low(end);
		this.#fields.endHigh = high(end);
	}

	#status(json: JsonObject, field: string): void {
		this.#text(member(json, 'message'), `${field}.message`);
		this.#fields.messageStart = this.#scratch.start;
		this.#fields.messageEnd = this.#scratch.end;
		this.#fields.statusCode = enumOf(member(json, 'code'), STATUS_CODES, `${field}.code`);
	}

	#event(value: unknown, field: string): void {
		const json = objectOf(value, field);
		const time = nanosOf(member(json, 'timeUnixNano', 'time_unix_nano'), `${field}.timeUnixNano`);
		this.#scratch.reset();
		this.#text(member(json, 'name'), `${field}.name`);
		const { bytes, start, end } = this.#scratch;
		this.#builder.events.add(low(time), high(time), bytes, start, end);
		this.#builder.events.end(this.#dropped(json, field) + this.#emit(json, this.#builder.events.attributes, field));
	}

	#link(value: unknown, field: string): boolean {
		const json = objectOf(value, field);
		const scratch = this.#scratch;
		scratch.reset();
		this.#id(member(json, 'traceId', 'trace_id'), 16);
		const { start: traceIdStart, end: traceIdEnd } = scratch;
		this.#id(member(json, 'spanId', 'span_id'), 8);
		const { start: spanIdStart, end: spanIdEnd } = scratch;
		this.#text(member(json, 'traceState', 'trace_state'), `${field}.traceState`);
		const { start: traceStateStart, end: traceStateEnd } = scratch;
		const flags = uint32Of(member(json, 'flags'), `${field}.flags`);
		const ids = { traceIdStart, traceIdEnd, spanIdStart, spanIdEnd };
		const link: LinkFields = { ...ids, traceStateStart, traceStateEnd, flags };
		if (this.#base64Ids) this.#builder.marks.set(SPAN_MARKS.base64Id);
		if (!this.#builder.links.add(scratch.bytes, link)) return false;
		this.#builder.links.end(this.#dropped(json, field) + this.#emit(json, this.#builder.links.attributes, field));
		return true;
	}

	#emit(json: JsonObject, sink: Parameters<JsonAttributes['emit']>[1], field: string): number {
		this.#scratch.reset();
		const lost = this.#attributes.emit(member(json, 'attributes'), sink, `${field}.attributes`);
		this.#builder.droppedAttributes += lost;
		return lost;
	}

	#dropped(json: JsonObject, field: string): number {
		return uint32Of(
			member(json, 'droppedAttributesCount', 'dropped_attributes_count'),
			`${field}.droppedAttributesCount`,
		);
	}

	#id(value: unknown, length: number): void {
		const { bytes, isBase64 } = idOf(value, length);
		if (isBase64) this.#base64Ids = true;
		this.#scratch.raw(bytes);
	}

	#text(value: unknown, field: string): void {
		this.#scratch.text(textOf(value, field).slice(0, DECODE_LIMITS.valueBytes + 1));
	}
}
