import type { SpanBlock } from '../../schema/span-block.ts';
import { ColumnDeriver } from '../pipeline/derive-columns.ts';
import { decodeJson } from './decode-json.ts';
import type { DecodeContext } from './decode-limits.ts';
import { ProtobufDecoder } from './decode-protobuf.ts';
import type { DecodeReport } from './decode-report.ts';
import type { OtlpEncoding } from './ingest-observer.ts';

export interface ReadTraces {
	block: SpanBlock;
	report: DecodeReport;
}

/** What one very large body needed is given back. */
const KEPT_BODY_BYTES = 4 * 1024 * 1024;

/** Turns inflated bodies into the blocks that are stored: decoded, then run through the pipeline. */
export class TraceReader {
	#protobuf: ProtobufDecoder | undefined;
	readonly #deriver = new ColumnDeriver();

	/** Throws a DecodeError on structural damage. */
	read(body: Uint8Array, encoding: OtlpEncoding, context: DecodeContext): ReadTraces {
		const { spans, report } = encoding === 'json' ? decodeJson(body, context) : this.#decodeProtobuf(body, context);
		return { block: this.#deriver.derive(spans), report };
	}

	#decodeProtobuf(body: Uint8Array, context: DecodeContext) {
		const decoder = this.#protobuf ?? new ProtobufDecoder();
		// Put back only when all went well: a decoder that has thrown holds half a request.
		this.#protobuf = undefined;
		const decoded = decoder.decode(body, context);
		if (body.length <= KEPT_BODY_BYTES) this.#protobuf = decoder;
		return decoded;
	}
}

/** For a single body. */
export const readTraces = (body: Uint8Array, encoding: OtlpEncoding, context: DecodeContext): ReadTraces =>
	new TraceReader().read(body, encoding, context);
