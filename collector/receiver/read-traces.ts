import type { SpanBlock } from '../../schema/span-block.ts';
import { deriveColumns } from '../pipeline/derive-columns.ts';
import { decodeJson } from './decode-json.ts';
import type { DecodeContext } from './decode-limits.ts';
import { decodeProtobuf } from './decode-protobuf.ts';
import type { DecodeReport } from './decode-report.ts';
import type { OtlpEncoding } from './ingest-observer.ts';

export interface ReadTraces {
	block: SpanBlock;
	report: DecodeReport;
}

/** An inflated body as the block that is stored: decoded, then run through the pipeline. */
export function readTraces(body: Uint8Array, encoding: OtlpEncoding, context: DecodeContext): ReadTraces {
	const { spans, report } = encoding === 'json' ? decodeJson(body, context) : decodeProtobuf(body, context);
	return { block: deriveColumns(spans), report };
}
