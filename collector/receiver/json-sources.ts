import type { BlockResource, BlockScope } from '../../schema/span-block.ts';
import { TextTable } from '../pipeline/text-table.ts';
import { AttributeList } from './attribute-list.ts';
import { blockResource, blockScope, type SourceRow } from './block-sources.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { JsonAttributes } from './json-attributes.ts';
import { member, objectOf, textOf, uint32Of, type JsonObject } from './json-fields.ts';
import { saturated } from './saturated.ts';
import type { SourceSink } from './source-sink.ts';
import { TextScratch } from './text-scratch.ts';

/** Reads resources and scopes of a parsed request; equal ones share a row. */
export class JsonSources {
	readonly #sink: SourceSink;
	readonly #scratch = new TextScratch();
	readonly #keys = new TextTable();
	readonly #attributes: JsonAttributes;
	readonly #rows = new Map<bigint, number>();

	constructor(sink: SourceSink) {
		this.#sink = sink;
		this.#attributes = new JsonAttributes(this.#keys, sink.marks, this.#scratch);
	}

	/** `json` is ResourceSpans or a sister of it. Read when the first of its records is stored. */
	resource(json: JsonObject, field: string): () => SourceRow {
		return once(() => {
			const resource = objectOf(member(json, 'resource'), `${field}.resource`);
			return this.#row(this.#sink.resources, () =>
				blockResource(this.#content(json, resource, field, `${field}.resource`)),
			);
		});
	}

	/** `json` is ScopeSpans or a sister of it. */
	scope(json: JsonObject, field: string): () => SourceRow {
		return once(() => {
			const scopeField = `${field}.scope`;
			const scope = objectOf(
				member(json, 'scope') ?? member(json, 'instrumentationLibrary', 'instrumentation_library'),
				scopeField,
			);
			return this.#row(this.#sink.scopes, () => {
				const name = this.#text(member(scope, 'name'), `${scopeField}.name`);
				const version = this.#text(member(scope, 'version'), `${scopeField}.version`);
				return blockScope(name, version, this.#content(json, scope, field, scopeField));
			});
		});
	}

	#row<Source extends BlockResource | BlockScope>(list: Source[], read: () => Source): SourceRow {
		this.#sink.marks.bits = 0;
		const source = read();
		const known = this.#rows.get(source.id);
		const row = known ?? list.push(source) - 1;
		this.#rows.set(source.id, row);
		return { row, marks: this.#sink.marks.bits, lost: 0 };
	}

	#content(parent: JsonObject, source: JsonObject, parentField: string, field: string) {
		const list = new AttributeList(this.#keys, this.#sink.marks);
		const lost = this.#attributes.emit(member(source, 'attributes'), list, `${field}.attributes`);
		this.#sink.droppedAttributes += lost;
		const dropped = member(source, 'droppedAttributesCount', 'dropped_attributes_count');
		return {
			attributes: list.sorted(),
			droppedAttributes: saturated(uint32Of(dropped, `${field}.droppedAttributesCount`) + lost),
			schemaUrl: this.#text(member(parent, 'schemaUrl', 'schema_url'), `${parentField}.schemaUrl`),
		};
	}

	/** The text as it will be stored: cut at the limit, whole characters only. */
	#text(value: unknown, field: string): string {
		this.#scratch.reset();
		this.#scratch.text(textOf(value, field).slice(0, DECODE_LIMITS.valueBytes + 1));
		const { bytes, start, end } = this.#scratch;
		return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
			bytes.subarray(start, this.#sink.marks.cut(bytes, start, end)),
		);
	}
}

/** Works the value out when it is first asked for. */
function once<Value>(workOut: () => Value): () => Value {
	let value: Value | undefined;
	return () => (value ??= workOut());
}
