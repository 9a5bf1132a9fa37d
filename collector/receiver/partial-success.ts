import { counted } from '../counted.ts';
import type { DecodeReport } from './decode-report.ts';
import type { PartialSuccess } from './otlp-response.ts';

const REASONS = {
	invalid_trace_id: 'trace id is not 16 bytes that are not all zero',
	invalid_span_id: 'span id is not 8 bytes that are not all zero',
} as const;

/** What the sender should know although its request was taken; undefined when there is nothing. */
export function tracesPartialSuccess({ rejected, marked }: DecodeReport): PartialSuccess | undefined {
	const messages: string[] = [];
	if (rejected.invalid_trace_id > 0)
		messages.push(`${counted(rejected.invalid_trace_id, 'span')} rejected: ${REASONS.invalid_trace_id}`);
	if (rejected.invalid_span_id > 0)
		messages.push(`${counted(rejected.invalid_span_id, 'span')} rejected: ${REASONS.invalid_span_id}`);
	if (marked.base64Id > 0)
		messages.push(`${counted(marked.base64Id, 'span')} with base64 ids: OTLP/JSON writes ids in hexadecimal`);
	if (marked.parentDropped > 0)
		messages.push(
			`${counted(marked.parentDropped, 'span')} kept without parent: parent span id is not 8 bytes, or is the span's own`,
		);
	if (messages.length === 0) return undefined;
	return { rejected: rejected.invalid_trace_id + rejected.invalid_span_id, message: messages.join('; ') };
}
