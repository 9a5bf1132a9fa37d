import type { DecodedSpans } from '../pipeline/decoded-spans.ts';
import type { DecodeContext } from './decode-limits.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufSpans } from './protobuf-spans.ts';
import { SpanBlockBuilder, type Rejection } from './span-block-builder.ts';

export interface Decoded {
	spans: DecodedSpans;
	/** Spans that were left out. */
	rejected: Record<Rejection, number>;
	/** What one of them looked like, by reason. */
	samples: Partial<Record<Rejection, string>>;
	/** Attributes that were left out. */
	droppedAttributes: number;
}

/**
 * Reads ExportTraceServiceRequests in protobuf into columns. The memory of one request serves the next: what was decoded
 * holds until then, and a decoder that has thrown must not be used again.
 */
export class ProtobufDecoder {
	readonly #reader = new ProtobufReader();
	readonly #builder = new SpanBlockBuilder();
	readonly #spans = new ProtobufSpans(this.#reader, this.#builder);

	/** Throws a DecodeError on structural damage. */
	decode(bytes: Uint8Array, context: DecodeContext): Decoded {
		this.#reader.open(bytes);
		this.#builder.open(context);
		this.#spans.read();
		const { rejected, samples, droppedAttributes } = this.#builder;
		return { spans: this.#builder.lend(), rejected, samples, droppedAttributes };
	}
}
