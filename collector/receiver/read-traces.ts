import type { SpanBlock } from '../../schema/span-block.ts';
import { ColumnDeriver } from '../pipeline/derive-columns.ts';
import { USUAL_DERIVATION, type DerivationSettings } from '../pipeline/derivation-settings.ts';
import { RedactionCounts } from '../pipeline/redaction-counts.ts';
import { SpanRedactor } from '../pipeline/redact-spans.ts';
import { Redactor } from '../pipeline/redaction.ts';
import { JsonDecoder, zipkinDecoder } from './decode-json.ts';
import type { DecodeContext } from './decode-limits.ts';
import { ProtobufDecoder, type Decoded } from './decode-protobuf.ts';
import { decodeReport, type DecodeReport } from './decode-report.ts';
import type { BodyEncoding } from './ingest-observer.ts';
import { SourceRedactor } from './redact-sources.ts';

export interface ReadTraces {
	block: SpanBlock;
	report: DecodeReport;
}

/** What one very large body needed is given back. */
const KEPT_BODY_BYTES = 4 * 1024 * 1024;

type Decoder = Pick<ProtobufDecoder, 'decode'>;

const DECODERS: { [encoding in BodyEncoding]: () => Decoder } = {
	protobuf: () => new ProtobufDecoder(),
	json: () => new JsonDecoder(),
	zipkin: zipkinDecoder,
};

/** Turns inflated bodies into the blocks that are stored: decoded, freed of secrets, then run through the pipeline. */
export class TraceReader {
	readonly #decoders = new Map<BodyEncoding, Decoder>();
	readonly #redactor: Redactor;
	readonly #sourceRedactor: SourceRedactor;
	readonly #spanRedactor: SpanRedactor;
	readonly #deriver: ColumnDeriver;

	constructor(redactor: Redactor = new Redactor(), derivation: DerivationSettings = USUAL_DERIVATION) {
		this.#deriver = new ColumnDeriver(derivation);
		this.#redactor = redactor;
		this.#sourceRedactor = new SourceRedactor(redactor);
		this.#spanRedactor = new SpanRedactor(redactor);
	}

	/** The block holds until the next one is read. Throws a DecodeError on structural damage. */
	read(body: Uint8Array, encoding: BodyEncoding, context: DecodeContext): ReadTraces {
		const decoded = this.#decode(body, encoding, context);
		const counts = new RedactionCounts();
		// First of all, so that nothing is derived from a secret.
		const spans = this.#spanRedactor.redact(this.#sourceRedactor.redact(decoded.spans, counts), counts);
		return {
			block: this.#deriver.derive(spans),
			report: decodeReport(spans, { ...decoded, samples: this.#redactSamples(decoded.samples) }, counts.list()),
		};
	}

	#redactSamples(samples: Decoded['samples']): Decoded['samples'] {
		const redacted = Object.entries(samples).map(([reason, sample]) => [
			reason,
			this.#redactor.redact('', sample)?.value ?? sample,
		]);
		return Object.fromEntries(redacted) as Decoded['samples'];
	}

	#decode(body: Uint8Array, encoding: BodyEncoding, context: DecodeContext): Decoded {
		const decoder = this.#decoders.get(encoding) ?? DECODERS[encoding]();
		// Put back only when all went well: a decoder that has thrown holds half a request.
		this.#decoders.delete(encoding);
		const decoded = decoder.decode(body, context);
		if (body.length <= KEPT_BODY_BYTES) this.#decoders.set(encoding, decoder);
		return decoded;
	}
}

/** For a single body. */
export const readTraces = (body: Uint8Array, encoding: BodyEncoding, context: DecodeContext): ReadTraces =>
	new TraceReader().read(body, encoding, context);
