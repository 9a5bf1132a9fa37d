import type { BlockResource, BlockScope } from '../../schema/span-block.ts';
import { TextTable } from '../pipeline/text-table.ts';
import { AttributeList } from './attribute-list.ts';
import { blockResource, blockScope, type SourceRow } from './block-sources.ts';
import { DECODE_LIMITS } from './decode-limits.ts';
import { JsonAttributes } from './json-attributes.ts';
import { listOf, member, objectOf, textOf, uint32Of, type JsonObject } from './json-fields.ts';
import { JsonSpans } from './json-spans.ts';
import type { SpanBlockBuilder } from './span-block-builder.ts';
import { TextScratch } from './text-scratch.ts';

/** Walks a parsed request. A resource or scope is read when the first of its spans is stored, and equal ones share a row. */
export class JsonRequest {
	readonly #builder: SpanBlockBuilder;
	readonly #scratch = new TextScratch();
	readonly #keys = new TextTable();
	readonly #attributes: JsonAttributes;
	readonly #spans: JsonSpans;
	readonly #rows = new Map<bigint, number>();

	constructor(builder: SpanBlockBuilder) {
		this.#builder = builder;
		this.#attributes = new JsonAttributes(this.#keys, builder.marks, this.#scratch);
		this.#spans = new JsonSpans(builder);
	}

	read(root: JsonObject): void {
		listOf(member(root, 'resourceSpans', 'resource_spans'), 'resourceSpans').forEach((each, i) => {
			const field = `resourceSpans[${i}]`;
			this.#resourceSpans(objectOf(each, field), field);
		});
	}

	#resourceSpans(json: JsonObject, field: string): void {
		const resource = once(() => this.#resource(json, field));
		// The name before OTLP 0.15.
		for (const name of ['scopeSpans', 'scope_spans', 'instrumentationLibrarySpans', 'instrumentation_library_spans']) {
			listOf(member(json, name), `${field}.${name}`).forEach((each, i) => {
				const scopeField = `${field}.${name}[${i}]`;
				this.#scopeSpans(objectOf(each, scopeField), scopeField, resource);
			});
		}
	}

	#scopeSpans(json: JsonObject, field: string, resource: () => SourceRow): void {
		const scope = once(() => this.#scope(json, field));
		const spans = listOf(member(json, 'spans'), `${field}.spans`);
		for (let i = 0; i < spans.length; i++) this.#spans.read(spans[i], `${field}.spans[${i}]`, resource, scope);
	}

	#resource(json: JsonObject, field: string): SourceRow {
		const resource = objectOf(member(json, 'resource'), `${field}.resource`);
		return this.#row(this.#builder.resources, () =>
			blockResource(this.#content(json, resource, field, `${field}.resource`)),
		);
	}

	#scope(json: JsonObject, field: string): SourceRow {
		const scopeField = `${field}.scope`;
		const scope = objectOf(
			member(json, 'scope') ?? member(json, 'instrumentationLibrary', 'instrumentation_library'),
			scopeField,
		);
		return this.#row(this.#builder.scopes, () => {
			const name = this.#text(member(scope, 'name'), `${scopeField}.name`);
			const version = this.#text(member(scope, 'version'), `${scopeField}.version`);
			return blockScope(name, version, this.#content(json, scope, field, scopeField));
		});
	}

	#row<Source extends BlockResource | BlockScope>(list: Source[], read: () => Source): SourceRow {
		this.#builder.marks.bits = 0;
		const source = read();
		const known = this.#rows.get(source.id);
		const row = known ?? list.push(source) - 1;
		this.#rows.set(source.id, row);
		return { row, marks: this.#builder.marks.bits, lost: 0 };
	}

	#content(parent: JsonObject, source: JsonObject, parentField: string, field: string) {
		const list = new AttributeList(this.#keys, this.#builder.marks);
		const lost = this.#attributes.emit(member(source, 'attributes'), list, `${field}.attributes`);
		this.#builder.droppedAttributes += lost;
		const dropped = member(source, 'droppedAttributesCount', 'dropped_attributes_count');
		return {
			attributes: list.sorted(),
			droppedAttributes: uint32Of(dropped, `${field}.droppedAttributesCount`) + lost,
			schemaUrl: this.#text(member(parent, 'schemaUrl', 'schema_url'), `${parentField}.schemaUrl`),
		};
	}

	/** The text as it will be stored: cut at the limit, whole characters only. */
	#text(value: unknown, field: string): string {
		this.#scratch.reset();
		this.#scratch.text(textOf(value, field).slice(0, DECODE_LIMITS.valueBytes + 1));
		const { bytes, start, end } = this.#scratch;
		return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
			bytes.subarray(start, this.#builder.marks.cut(bytes, start, end)),
		);
	}
}

/** Works the value out when it is first asked for. */
function once<Value>(workOut: () => Value): () => Value {
	let value: Value | undefined;
	return () => (value ??= workOut());
}
