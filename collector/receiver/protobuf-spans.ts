import { SPAN_MARKS } from '../../schema/span-block.ts';
import { Uint32List } from '../pipeline/growable-columns.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { AttributeReader } from './protobuf-attributes.ts';
import { PartReader } from './protobuf-parts.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import { SourceReader, wireSource } from './protobuf-sources.ts';
import type { WireSource } from './protobuf-sources.ts';
import type { SpanBlockBuilder } from './span-block-builder.ts';
import { SpanFields } from './span-fields.ts';

const KNOWN_SPAN_FIELDS = 0x1_fffe;

/**
 * Walks the request. Each message is gone over once to find where its fields lie, for they may stand in any order; a span
 * goes to the columns when all of it is known, so nothing has to be taken back.
 */
export class ProtobufSpans {
	readonly #reader: ProtobufReader;
	readonly #builder: SpanBlockBuilder;
	readonly #attributes: AttributeReader;
	readonly #sources: SourceReader;
	readonly #parts: PartReader;
	readonly #fields = new SpanFields();
	/** Start and end of each event, and of each link, of the span at hand. */
	readonly #events = new Uint32List();
	readonly #links = new Uint32List();
	#eventsBeyond = 0;
	#linksBeyond = 0;

	constructor(reader: ProtobufReader, builder: SpanBlockBuilder) {
		this.#reader = reader;
		this.#builder = builder;
		this.#attributes = new AttributeReader(reader, builder.attributeKeys, builder.marks);
		this.#sources = new SourceReader(reader, builder);
		this.#parts = new PartReader(reader, builder);
	}

	read(): void {
		const reader = this.#reader;
		this.#sources.open();
		while (reader.position < reader.limit) {
			const tag = reader.tag();
			if (tag === 10) this.#within(() => this.#resourceSpans());
			else reader.skip(tag, 'ExportTraceServiceRequest', 0b10);
		}
	}

	#resourceSpans(): void {
		const resource = wireSource(this.#reader, 'ResourceSpans');
		const reader = this.#reader;
		while (reader.position < reader.limit) {
			const tag = reader.tag();
			if (tag === 18) this.#within(() => this.#scopeSpans(resource));
			else reader.skip(tag, 'ResourceSpans', 0);
		}
	}

	#scopeSpans(resource: WireSource): void {
		const scope = wireSource(this.#reader, 'ScopeSpans');
		const reader = this.#reader;
		while (reader.position < reader.limit) {
			const tag = reader.tag();
			if (tag === 18) this.#span(resource, scope);
			else reader.skip(tag, 'ScopeSpans', 0);
		}
	}

	#span(resource: WireSource, scope: WireSource): void {
		const reader = this.#reader;
		const end = reader.end();
		const outerLimit = reader.limit;
		reader.limit = end;
		this.#scan(end);
		if (this.#builder.accepts(reader.bytes, this.#fields)) this.#emit(resource, scope);
		reader.limit = outerLimit;
		reader.position = end;
	}

	// One case per field of the message, which the decision record on columnar decoding exempts from the budget.
	// oxlint-disable-next-line complexity max-lines-per-function
	#scan(end: number): void {
		const reader = this.#reader;
		const fields = this.#fields;
		fields.reset();
		this.#attributes.begin();
		this.#events.length = this.#links.length = 0;
		this.#eventsBeyond = this.#linksBeyond = 0;
		while (reader.position < end) {
			const tag = reader.tag();
			switch (tag) {
				case 10:
					fields.traceIdEnd = reader.end();
					fields.traceIdStart = reader.position;
					reader.position = fields.traceIdEnd;
					break;
				case 18:
					fields.spanIdEnd = reader.end();
					fields.spanIdStart = reader.position;
					reader.position = fields.spanIdEnd;
					break;
				case 26:
					fields.traceStateEnd = reader.end();
					fields.traceStateStart = reader.position;
					reader.position = fields.traceStateEnd;
					break;
				case 34:
					fields.parentEnd = reader.end();
					fields.parentStart = reader.position;
					reader.position = fields.parentEnd;
					break;
				case 42:
					fields.nameEnd = reader.end();
					fields.nameStart = reader.position;
					reader.position = fields.nameEnd;
					break;
				case 48:
					fields.kind = reader.varint32();
					break;
				case 57:
					reader.fixed64();
					fields.startLow = reader.low;
					fields.startHigh = reader.high;
					break;
				case 65:
					reader.fixed64();
					fields.endLow = reader.low;
					fields.endHigh = reader.high;
					break;
				case 74:
					this.#attributes.read();
					break;
				case 80:
					fields.droppedAttributes = reader.varint32();
					break;
				case 90:
					this.#note(this.#events, DECODE_LIMITS.events);
					break;
				case 96:
					fields.droppedEvents = reader.varint32();
					break;
				case 106:
					this.#note(this.#links, DECODE_LIMITS.links);
					break;
				case 112:
					fields.droppedLinks = reader.varint32();
					break;
				case 122:
					this.#parts.status(fields);
					break;
				case 133:
					fields.flags = reader.fixed32();
					break;
				default:
					reader.skip(tag, 'Span', KNOWN_SPAN_FIELDS);
			}
		}
	}

	/** Remembers where an event or link lies, unless there are too many. */
	#note(list: Uint32List, limit: number): void {
		const end = this.#reader.end();
		if (list.length < limit * 2) {
			list.push(this.#reader.position);
			list.push(end);
		} else if (list === this.#events) this.#eventsBeyond++;
		else this.#linksBeyond++;
		this.#reader.position = end;
	}

	#emit(resourceSource: WireSource, scopeSource: WireSource): void {
		const builder = this.#builder;
		const fields = this.#fields;
		const resource = this.#sources.resource(resourceSource);
		const scope = this.#sources.scope(scopeSource);
		const isCut = this.#eventsBeyond > 0 || this.#linksBeyond > 0;
		const marks = resource.marks | scope.marks | (isCut ? SPAN_MARKS.cut : 0);
		builder.addSpan(this.#reader.bytes, fields, resource.row, scope.row, marks);
		const attributesLost = this.#attributes.emit(builder.attributes);
		builder.droppedAttributes += attributesLost;
		for (let i = 0; i < this.#events.length; i += 2) {
			this.#parts.event(this.#events.values[i] as number, this.#events.values[i + 1] as number);
		}
		let linksLost = this.#linksBeyond;
		for (let i = 0; i < this.#links.length; i += 2) {
			const isKept = this.#parts.link(this.#links.values[i] as number, this.#links.values[i + 1] as number);
			if (!isKept) linksLost++;
		}
		builder.endSpan(
			fields.droppedAttributes + attributesLost,
			fields.droppedEvents + this.#eventsBeyond,
			fields.droppedLinks + linksLost,
		);
	}

	#within(read: () => void): void {
		const reader = this.#reader;
		const end = reader.end();
		const outerLimit = reader.limit;
		reader.limit = end;
		read();
		reader.limit = outerLimit;
		reader.position = end;
	}
}
