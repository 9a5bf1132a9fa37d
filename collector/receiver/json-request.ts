import { within } from './decode-error.ts';
import { listOf, member, objectOf, type JsonObject } from './json-fields.ts';
import { JsonSources } from './json-sources.ts';
import { JsonSpans } from './json-spans.ts';
import type { SpanBlockBuilder } from './span-block-builder.ts';

/** Walks a parsed request. A resource or scope is read when the first of its spans is stored, and equal ones share a row. */
export class JsonRequest {
	readonly #sources: JsonSources;
	readonly #spans: JsonSpans;

	constructor(builder: SpanBlockBuilder) {
		this.#sources = new JsonSources(builder);
		this.#spans = new JsonSpans(builder);
	}

	read(root: JsonObject): void {
		listOf(member(root, 'resourceSpans', 'resource_spans'), 'resourceSpans').forEach((each, i) => {
			const field = `resourceSpans[${i}]`;
			this.#resourceSpans(objectOf(each, field), field);
		});
	}

	#resourceSpans(json: JsonObject, field: string): void {
		const resource = this.#sources.resource(json, field);
		// The name before OTLP 0.15.
		for (const name of ['scopeSpans', 'scope_spans', 'instrumentationLibrarySpans', 'instrumentation_library_spans']) {
			listOf(member(json, name), `${field}.${name}`).forEach((each, i) => {
				const scopeField = `${field}.${name}[${i}]`;
				const scopeSpans = objectOf(each, scopeField);
				const scope = this.#sources.scope(scopeSpans, scopeField);
				const spans = listOf(member(scopeSpans, 'spans'), `${scopeField}.spans`);
				for (let j = 0; j < spans.length; j++) {
					try {
						this.#spans.read(spans[j], resource, scope);
					} catch (error) {
						throw within(error, `${scopeField}.spans[${j}]`);
					}
				}
			});
		}
	}
}
