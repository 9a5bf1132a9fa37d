import type { TraceEvent } from '../../../collector/analysis/trace-file/document-events.ts';
import type { Trace } from '../../../schema/trace-columns.ts';
import type { TimeSpan } from '../trace-query.ts';

/** A moment of the trace that somebody wrote down. */
export interface LogLine {
	/** Of the span that it belongs to, -1 for none of this trace. */
	row: number;
	/** Nanoseconds after the start of the trace. */
	nano: number;
	name: string;
	text: string;
	isFailure: boolean;
}

export const eventLines = (trace: Trace, events: readonly TraceEvent[]): LogLine[] =>
	events.map(({ row, timeUnixNano, name, text, isException }) => ({
		row,
		nano: Number(BigInt(timeUnixNano) - trace.baseUnixNano),
		name,
		text,
		isFailure: isException,
	}));

/** Those in a stretch of time, and of spans that are marked when there are marks. A whole trace shows what lies outside too. */
export const inTime = (lines: readonly LogLine[], { from, to }: TimeSpan, marked: Uint8Array | undefined): LogLine[] =>
	lines.filter(
		({ row, nano }) => (from <= 0 || nano >= from) && nano <= to && (marked === undefined || marked[row] === 1),
	);
