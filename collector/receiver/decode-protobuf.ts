import type { DecodedSpans } from '../pipeline/decoded-spans.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { DecodeReport } from './decode-report.ts';
import { decodeReport } from './decode-report.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import { ProtobufSpans } from './protobuf-spans.ts';
import { SpanBlockBuilder } from './span-block-builder.ts';

export interface Decoded {
	spans: DecodedSpans;
	report: DecodeReport;
}

/**
 * Reads ExportTraceServiceRequests in protobuf into columns. The memory of one request serves the next, so a decoder that
 * has thrown must not be used again.
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
		const spans = this.#builder.finish();
		return { spans, report: decodeReport(spans, this.#builder.rejected, this.#builder.droppedAttributes) };
	}
}
