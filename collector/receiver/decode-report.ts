import { SPAN_MARKS } from '../../schema/span-block.ts';
import type { DecodedSpans } from '../pipeline/decoded-spans.ts';
import type { RedactionCount } from '../pipeline/redaction-counts.ts';
import type { Rejection } from './span-block-builder.ts';

/** What became of a request's spans, for the answer, the counters and the status page. */
export interface DecodeReport {
	accepted: number;
	/** Spans that were left out, by reason. */
	rejected: Record<Rejection, number>;
	/** What one of them looked like, by reason, without its secrets. */
	samples: Partial<Record<Rejection, string>>;
	/** Attributes without a key or beyond a limit. */
	droppedAttributes: number;
	/** Spans by what was changed or doubted about them. */
	marked: Record<keyof typeof SPAN_MARKS, number>;
	/** Secrets that were taken out: where and by which rule, never what. */
	redactions: RedactionCount[];
}

const NAMES = Object.keys(SPAN_MARKS) as (keyof typeof SPAN_MARKS)[];

export function decodeReport(
	spans: DecodedSpans,
	{ rejected, samples, droppedAttributes }: Pick<DecodeReport, 'rejected' | 'samples' | 'droppedAttributes'>,
	redactions: RedactionCount[],
): DecodeReport {
	const marked = {
		clockAdjusted: 0,
		neverEnded: 0,
		endBeforeStart: 0,
		cut: 0,
		redacted: 0,
		parentDropped: 0,
		base64Id: 0,
	};
	for (const bits of spans.marks) {
		if (bits === 0) continue;
		for (const name of NAMES) {
			if ((bits & SPAN_MARKS[name]) !== 0) marked[name]++;
		}
	}
	return { accepted: spans.rows, rejected, samples, droppedAttributes, marked, redactions };
}
