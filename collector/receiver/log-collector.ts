import type { LogBlock, LogRecord } from '../../schema/log-block.ts';
import type { BlockResource, BlockScope } from '../../schema/span-block.ts';
import { SPAN_MARKS } from '../../schema/span-block.ts';
import { RowMarks } from './attribute-columns.ts';
import type { DecodeContext } from './decode-limits.ts';
import type { SourceSink } from './source-sink.ts';

/** Why a log record was not kept although its request was taken. */
export type LogRejection = 'no_trace' | 'log_quota';

export interface LogContext extends DecodeContext {
	/** Records without an exception that may be kept of this request. */
	maxCorrelated: number;
}

/** A record as decoded; what is derived from it follows after redaction. */
export type DecodedLogRecord = Omit<LogRecord, 'exceptionType' | 'exceptionMessage' | 'exceptionStacktrace'>;
export type DecodedLogs = Omit<LogBlock, 'records'> & { records: DecodedLogRecord[] };

const HOUR_MS = 3_600_000;

/** Gathers what both decoders read of a request's logs, and decides which records are kept. */
export class LogCollector implements SourceSink {
	readonly marks = new RowMarks();
	readonly resources: BlockResource[] = [];
	readonly scopes: BlockScope[] = [];
	readonly rejected: Record<LogRejection, number> = { no_trace: 0, log_quota: 0 };
	droppedAttributes = 0;
	/** Kept records without an exception. */
	correlated = 0;
	/** Kept records whose ids came in base64. */
	base64Ids = 0;
	readonly #context: LogContext;
	readonly #records: DecodedLogRecord[] = [];
	readonly #timeUnixMs: number[] = [];

	constructor(context: LogContext) {
		this.#context = context;
	}

	/** False when the record is counted and left out. */
	wants(hasTrace: boolean, hasException: boolean): boolean {
		if (hasException) return true;
		if (!hasTrace) return this.#reject('no_trace');
		if (this.correlated === this.#context.maxCorrelated) return this.#reject('log_quota');
		this.correlated++;
		return true;
	}

	/** `record.marks` is completed with what its time earns. */
	add(record: DecodedLogRecord): void {
		const { receivedMs, retentionMs } = this.#context;
		const nanos = record.timeUnixNano === '0' ? record.observedUnixNano : record.timeUnixNano;
		const sentMs = Number(BigInt(nanos) / 1_000_000n);
		const isInRange = sentMs >= receivedMs - retentionMs && sentMs <= receivedMs + HOUR_MS;
		if ((record.marks & SPAN_MARKS.base64Id) !== 0) this.base64Ids++;
		this.#timeUnixMs.push(isInRange ? sentMs : receivedMs);
		this.#records.push(isInRange ? record : { ...record, marks: record.marks | SPAN_MARKS.clockAdjusted });
	}

	finish(): DecodedLogs {
		return {
			version: 1,
			project: this.#context.project,
			rows: this.#records.length,
			timeUnixMs: this.#timeUnixMs,
			records: this.#records,
			resources: this.resources,
			scopes: this.scopes,
		};
	}

	#reject(reason: LogRejection): false {
		this.rejected[reason]++;
		return false;
	}
}
