import type { TaggedAttributes } from './attribute-columns.ts';
import type { LinkFields } from './event-columns.ts';
import { AttributeReader } from './protobuf-attributes.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import type { SpanBlockBuilder } from './span-block-builder.ts';
import type { SpanFields } from './span-fields.ts';

/** The messages within a span: its status, events and links. */
export class PartReader {
	readonly #reader: ProtobufReader;
	readonly #builder: SpanBlockBuilder;
	readonly #attributes: AttributeReader;

	constructor(reader: ProtobufReader, builder: SpanBlockBuilder) {
		this.#reader = reader;
		this.#builder = builder;
		this.#attributes = new AttributeReader(reader, builder.attributeKeys, builder.marks);
	}

	/** Reads the Status message that comes next. Field 1 was a code of an early draft and is skipped. */
	status(span: SpanFields): void {
		const reader = this.#reader;
		const end = reader.end();
		const outerLimit = reader.limit;
		reader.limit = end;
		while (reader.position < end) {
			const tag = reader.tag();
			if (tag === 18) {
				span.messageEnd = reader.end();
				span.messageStart = reader.position;
				reader.position = span.messageEnd;
			} else if (tag === 24) span.statusCode = reader.varint32();
			else reader.skip(tag, 'Status', 0b1100);
		}
		reader.limit = outerLimit;
	}

	event(start: number, end: number): void {
		const reader = this.#enter(start, end);
		let low = 0;
		let high = 0;
		let nameStart = 0;
		let nameEnd = 0;
		let dropped = 0;
		while (reader.position < end) {
			const tag = reader.tag();
			if (tag === 9) {
				reader.fixed64();
				low = reader.low;
				high = reader.high;
			} else if (tag === 18) {
				nameEnd = reader.end();
				nameStart = reader.position;
				reader.position = nameEnd;
			} else if (tag === 26) this.#attributes.read();
			else if (tag === 32) dropped = reader.varint32();
			else reader.skip(tag, 'Event', 0b1_1110);
		}
		this.#builder.events.add(low, high, reader.bytes, nameStart, nameEnd);
		this.#builder.events.end(dropped + this.#emit(this.#builder.events));
	}

	/** False when the link leads nowhere and was dropped. */
	link(start: number, end: number): boolean {
		const reader = this.#enter(start, end);
		const link: LinkFields = {
			traceIdStart: 0,
			traceIdEnd: 0,
			spanIdStart: 0,
			spanIdEnd: 0,
			traceStateStart: 0,
			traceStateEnd: 0,
			flags: 0,
		};
		let dropped = 0;
		while (reader.position < end) {
			const tag = reader.tag();
			if (tag === 34) this.#attributes.read();
			else if (tag === 40) dropped = reader.varint32();
			else if (tag === 53) link.flags = reader.fixed32();
			else if (tag === 10 || tag === 18 || tag === 26) this.#linkBytes(tag, link);
			else reader.skip(tag, 'Link', 0b111_1110);
		}
		if (!this.#builder.links.add(reader.bytes, link)) return false;
		this.#builder.links.end(dropped + this.#emit(this.#builder.links));
		return true;
	}

	#linkBytes(tag: 10 | 18 | 26, link: LinkFields): void {
		const reader = this.#reader;
		const end = reader.end();
		if (tag === 10) {
			link.traceIdStart = reader.position;
			link.traceIdEnd = end;
		} else if (tag === 18) {
			link.spanIdStart = reader.position;
			link.spanIdEnd = end;
		} else {
			link.traceStateStart = reader.position;
			link.traceStateEnd = end;
		}
		reader.position = end;
	}

	#enter(start: number, end: number): ProtobufReader {
		this.#reader.position = start;
		this.#reader.limit = end;
		this.#attributes.begin();
		return this.#reader;
	}

	#emit(columns: { readonly attributes: TaggedAttributes }): number {
		const lost = this.#attributes.emit(columns.attributes);
		this.#builder.droppedAttributes += lost;
		return lost;
	}
}
