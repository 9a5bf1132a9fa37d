import type { TraceEvent } from '../../../collector/analysis/trace-file/document-events.ts';
import type { LogRow } from '../../../schema/api-logs.ts';
import type { Trace } from '../../../schema/trace-columns.ts';
import { showValue } from '../any-value.ts';
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

/** From here on a record tells of a failure. Source: OpenTelemetry logs data model, "SeverityNumber". */
const ERROR_SEVERITY = 17;

/** What a log record says, in the words of lines. */
export const logWords = ({
	severity,
	severityText,
	eventName,
	body,
	exception,
}: LogRow): Pick<LogLine, 'name' | 'text' | 'isFailure'> => ({
	name: exception?.type || eventName || severityText || 'log',
	text: exception?.message || (body === null ? '' : showValue(body).text),
	isFailure: exception !== null || severity >= ERROR_SEVERITY,
});

/** Some records say no time of their own: then that of their receipt holds. Unix nanoseconds. */
export const logMoment = ({ timeUnixNano, tMs }: LogRow): bigint =>
	timeUnixNano === '0' ? BigInt(tMs) * 1_000_000n : BigInt(timeUnixNano);

/** Log records; `rowOf` finds the span that a record belongs to. */
export const logLines = (
	{ trace, rowOf }: { trace: Trace; rowOf: (spanId: string) => number },
	logs: readonly LogRow[],
): LogLine[] =>
	logs.map((log) => ({
		row: rowOf(log.spanId),
		nano: Number(logMoment(log) - trace.baseUnixNano),
		...logWords(log),
	}));

export const byTime = (lines: readonly LogLine[]): LogLine[] => lines.toSorted((a, b) => a.nano - b.nano);

/** Those in a stretch of time, and of spans that are marked when there are marks. A whole trace shows what lies outside too. */
export const inTime = (lines: readonly LogLine[], { from, to }: TimeSpan, marked: Uint8Array | undefined): LogLine[] =>
	lines.filter(
		({ row, nano }) => (from <= 0 || nano >= from) && nano <= to && (marked === undefined || marked[row] === 1),
	);
