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
 * An ExportTraceServiceRequest in protobuf, as columns. Throws a DecodeError on structural damage.
 * Field numbers: opentelemetry-proto 1.11, trace/v1, common/v1 and resource/v1.
 */
export function decodeProtobuf(bytes: Uint8Array, context: DecodeContext): Decoded {
	const builder = new SpanBlockBuilder(context);
	new ProtobufSpans(new ProtobufReader(bytes), builder).read();
	const spans = builder.finish();
	return { spans, report: decodeReport(spans, builder.rejected, builder.droppedAttributes) };
}
