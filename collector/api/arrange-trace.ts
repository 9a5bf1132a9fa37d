import { traceJson } from '../../schema/trace-answer.ts';
import { encodeTrace } from '../../schema/trace-columns.ts';
import type { TraceSpans } from '../../schema/trace-spans.ts';
import { arrangeTrace } from '../analysis/span-tree.ts';

export interface ArrangeJob {
	spans: TraceSpans;
	traceId: string;
	/** How many the store has. */
	total: number;
	form: 'binary' | 'json';
}

/** The body of the answer: the spans as a tree, in the form that was asked for. */
export type ArrangeTrace = (job: ArrangeJob) => Promise<ArrayBuffer>;

export function arrangeInPlace({ spans, traceId, total, form }: ArrangeJob): ArrayBuffer {
	const trace = arrangeTrace(spans);
	const meta = { total, truncated: total > spans.count };
	if (form === 'binary') return encodeTrace(trace, meta);
	return new TextEncoder().encode(JSON.stringify(traceJson(traceId, { ...trace, ...meta }))).buffer;
}
