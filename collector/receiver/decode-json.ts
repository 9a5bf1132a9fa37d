import { DecodeError } from './decode-error.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { Decoded } from './decode-protobuf.ts';
import type { JsonObject } from './json-fields.ts';
import { JsonRequest } from './json-request.ts';
import { parseJson } from './json-text.ts';
import { SpanBlockBuilder } from './span-block-builder.ts';
import { otlpOfZipkin } from './zipkin-spans.ts';

/**
 * An ExportTraceServiceRequest in OTLP/JSON, as columns. Throws a DecodeError on structural damage.
 * Source: OTLP specification 1.11, "JSON Protobuf Encoding", and what clients in the field send.
 */
export function decodeJson(body: Uint8Array, context: DecodeContext): Decoded {
	const root = parseJson(body);
	if (typeof root !== 'object' || root === null || Array.isArray(root)) {
		throw new DecodeError('the body is JSON but not an object; ExportTraceServiceRequest expected', { offset: 0 });
	}
	return readJson(root as JsonObject, context);
}

/** A Zipkin v2 list of spans, as columns. Throws a DecodeError on structural damage. */
export const decodeZipkin = (body: Uint8Array, context: DecodeContext): Decoded =>
	readJson(otlpOfZipkin(parseJson(body)), context);

function readJson(root: JsonObject, context: DecodeContext): Decoded {
	const builder = new SpanBlockBuilder();
	builder.open(context);
	new JsonRequest(builder).read(root);
	const { rejected, samples, droppedAttributes } = builder;
	return { spans: builder.lend(), rejected, samples, droppedAttributes };
}
