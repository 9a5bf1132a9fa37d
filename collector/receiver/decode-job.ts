import type { PackedBlock } from '../../schema/packed-block.ts';
import type { SpanBlock } from '../../schema/span-block.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { DecodeReport } from './decode-report.ts';
import type { OtlpEncoding } from './ingest-observer.ts';
import type { TraceReader } from './read-traces.ts';

export interface DecodeJob {
	body: Uint8Array;
	encoding: OtlpEncoding;
	context: DecodeContext;
}

/** What a request held. */
export interface ReadRequest {
	block: PackedBlock;
	report: DecodeReport;
	/** The last one named in the request. */
	service: string;
}

/** Makes of a block what is kept of it, at once: its memory serves the next one. */
export type Pack = (block: SpanBlock) => PackedBlock;

/** Throws a DecodeError on structural damage. */
export function runDecodeJob(reader: TraceReader, pack: Pack, { body, encoding, context }: DecodeJob): ReadRequest {
	const { block, report } = reader.read(body, encoding, context);
	return { block: pack(block), report, service: block.resources.at(-1)?.service ?? '' };
}
