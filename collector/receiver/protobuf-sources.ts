import type { BlockResource, BlockScope } from '../../schema/span-block.ts';
import { TextTable } from '../pipeline/text-table.ts';
import { AttributeList } from './attribute-list.ts';
import { blockResource, blockScope, type SourceRow } from './block-sources.ts';
import { AttributeReader } from './protobuf-attributes.ts';
import type { ProtobufReader } from './protobuf-reader.ts';
import { saturated } from './saturated.ts';
import { SourceCache } from './source-cache.ts';
import type { SourceSink } from './source-sink.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The parts of one ResourceSpans or ScopeSpans that say where its spans come from. A message that comes twice is merged. */
export class WireSource {
	/** Start and end of each piece of the Resource or InstrumentationScope. */
	readonly pieces: number[] = [];
	schemaUrlStart = 0;
	schemaUrlEnd = 0;
	/** Set when its first span is stored: what has no spans leaves no row. */
	row: SourceRow | undefined;
}

/** ResourceSpans, ScopeSpans and their sisters alike: field 1 is the source, field 2 what it sent, field 3 its schema. */
export function wireSource(reader: ProtobufReader, message: string): WireSource {
	const start = reader.position;
	const source = new WireSource();
	while (reader.position < reader.limit) {
		const tag = reader.tag();
		if (tag !== 10 && tag !== 18 && tag !== 26) {
			reader.skip(tag, message, 0b1110);
			continue;
		}
		const end = reader.end();
		if (tag === 10) source.pieces.push(reader.position, end);
		else if (tag === 26) {
			source.schemaUrlStart = reader.position;
			source.schemaUrlEnd = end;
		}
		reader.position = end;
	}
	reader.position = start;
	return source;
}

/** Reads resources and scopes where they lie, each distinct one once. */
export class SourceReader {
	readonly #reader: ProtobufReader;
	readonly #builder: SourceSink;
	readonly #keys = new TextTable();
	readonly #attributes: AttributeReader;
	readonly #resources = new SourceCache<BlockResource>();
	readonly #scopes = new SourceCache<BlockScope>();
	#lost = 0;

	constructor(reader: ProtobufReader, builder: SourceSink) {
		this.#reader = reader;
		this.#builder = builder;
		this.#attributes = new AttributeReader(reader, this.#keys, builder.marks);
	}

	/** Begins a request. */
	open(): void {
		this.#resources.open();
		this.#scopes.open();
	}

	resource(source: WireSource): SourceRow {
		return (source.row ??= this.#row(source, this.#resources, this.#builder.resources, () =>
			this.#readResource(source),
		));
	}

	scope(source: WireSource): SourceRow {
		return (source.row ??= this.#row(source, this.#scopes, this.#builder.scopes, () => this.#readScope(source)));
	}

	#row<Source extends { droppedAttributes: number }>(
		source: WireSource,
		cache: SourceCache<Source>,
		list: Source[],
		read: () => Source,
	): SourceRow {
		const { marks } = this.#builder;
		const sizeBefore = list.length;
		const row = cache.row(this.#key(source), list, () => {
			const { position, limit } = this.#reader;
			marks.bits = 0;
			this.#lost = 0;
			const result = { source: read(), marks: marks.bits, lost: this.#lost };
			this.#reader.position = position;
			this.#reader.limit = limit;
			return result;
		});
		if (list.length > sizeBefore) this.#builder.droppedAttributes += row.lost;
		return row;
	}

	/** The raw bytes as a text, one character a byte. The length in front keeps the pieces apart. */
	#key(source: WireSource): string {
		const { bytes } = this.#reader;
		const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		let key = `${source.schemaUrlEnd - source.schemaUrlStart}:${raw.toString('latin1', source.schemaUrlStart, source.schemaUrlEnd)}`;
		for (let i = 0; i < source.pieces.length; i += 2)
			key += raw.toString('latin1', source.pieces[i], source.pieces[i + 1]);
		return key;
	}

	#readResource(source: WireSource): BlockResource {
		let dropped = 0;
		this.#attributes.begin();
		this.#eachField(source, (tag) => {
			if (tag === 10) this.#attributes.read();
			else if (tag === 16) dropped = this.#reader.varint32();
			else this.#reader.skip(tag, 'Resource', 0b110);
		});
		return blockResource(this.#content(source, dropped));
	}

	#readScope(source: WireSource): BlockScope {
		let name = '';
		let version = '';
		let dropped = 0;
		this.#attributes.begin();
		this.#eachField(source, (tag) => {
			if (tag === 10) name = this.#text();
			else if (tag === 18) version = this.#text();
			else if (tag === 26) this.#attributes.read();
			else if (tag === 32) dropped = this.#reader.varint32();
			else this.#reader.skip(tag, 'InstrumentationScope', 0b1_1110);
		});
		return blockScope(name, version, this.#content(source, dropped));
	}

	#content(source: WireSource, dropped: number) {
		const list = new AttributeList(this.#keys, this.#builder.marks);
		this.#lost = this.#attributes.emit(list);
		// Its texts are in the list now; the next source begins with no keys.
		this.#keys.finish();
		const droppedAttributes = saturated(dropped + this.#lost);
		const schemaUrl = this.#textBetween(source.schemaUrlStart, source.schemaUrlEnd);
		return { attributes: list.sorted(), droppedAttributes, schemaUrl };
	}

	#eachField(source: WireSource, read: (tag: number) => void): void {
		const reader = this.#reader;
		for (let i = 0; i < source.pieces.length; i += 2) {
			reader.position = source.pieces[i] as number;
			reader.limit = source.pieces[i + 1] as number;
			while (reader.position < reader.limit) read(reader.tag());
		}
		// Values are read where they lie, in whichever piece.
		reader.limit = reader.bytes.length;
	}

	#text(): string {
		const end = this.#reader.end();
		const text = this.#textBetween(this.#reader.position, end);
		this.#reader.position = end;
		return text;
	}

	#textBetween(start: number, end: number): string {
		const { bytes } = this.#reader;
		return decoder.decode(bytes.subarray(start, this.#builder.marks.cut(bytes, start, end)));
	}
}
