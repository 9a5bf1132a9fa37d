import { DecodeError } from './decode-error.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { Decoded } from './decode-protobuf.ts';
import type { JsonObject } from './json-fields.ts';
import { JsonRequest } from './json-request.ts';
import { parseJson } from './json-text.ts';
import { SpanBlockBuilder } from './span-block-builder.ts';
import { otlpOfZipkin } from './zipkin-spans.ts';

/** A body as the tree of an ExportTraceServiceRequest in OTLP/JSON. Throws a DecodeError on structural damage. */
type Parse = (body: Uint8Array) => JsonObject;

const parseOtlp: Parse = (body) => {
	const root = parseJson(body);
	if (typeof root !== 'object' || root === null || Array.isArray(root)) {
		throw new DecodeError('the body is JSON but not an object; ExportTraceServiceRequest expected', { offset: 0 });
	}
	return root as JsonObject;
};

/**
 * Reads ExportTraceServiceRequests in OTLP/JSON into columns. The memory of one request serves the next: what was decoded
 * holds until then, and a decoder that has thrown must not be used again.
 * Source: OTLP specification 1.11, "JSON Protobuf Encoding", and what clients in the field send.
 */
export class JsonDecoder {
	readonly #parse: Parse;
	readonly #builder = new SpanBlockBuilder();

	constructor(parse: Parse = parseOtlp) {
		this.#parse = parse;
	}

	/** Throws a DecodeError on structural damage. */
	decode(body: Uint8Array, context: DecodeContext): Decoded {
		const root = this.#parse(body);
		this.#builder.open(context);
		new JsonRequest(this.#builder).read(root);
		const { rejected, samples, droppedAttributes } = this.#builder;
		return { spans: this.#builder.lend(), rejected, samples, droppedAttributes };
	}
}

/** The same of lists of spans as Zipkin v2 writes them. */
export const zipkinDecoder = (): JsonDecoder => new JsonDecoder((body) => otlpOfZipkin(parseJson(body)));
