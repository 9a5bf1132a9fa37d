import type { BlockResource, BlockScope, TaggedValue } from './span-block.ts';

/** A log record that is kept. Logs are few beside spans, so they are plain objects and not columns. */
export interface LogRecord {
	/** 32 hexadecimal digits, empty for a record that belongs to no trace. */
	traceId: string;
	/** 16 hexadecimal digits, empty for a record that belongs to no span. */
	spanId: string;
	/** As sent: nanoseconds since the epoch, decimal; 0 when it was not sent. */
	timeUnixNano: string;
	observedUnixNano: string;
	/** OTLP's number, 0 to 24. */
	severity: number;
	severityText: string;
	eventName: string;
	/** Empty, which no tagged value is, without a body. */
	body: TaggedValue;
	/** `exception.*` where they came as texts: they are then not among the attributes. */
	exceptionType: string;
	exceptionMessage: string;
	exceptionStacktrace: string;
	attributes: [key: string, value: TaggedValue][];
	droppedAttributes: number;
	flags: number;
	/** Bits of SPAN_MARKS. */
	marks: number;
	/** Row of `resources`, and of `scopes`. */
	resource: number;
	scope: number;
}

/** The log records of one request that are kept. */
export interface LogBlock {
	version: 1;
	project: string;
	rows: number;
	/** Where windows and partitions place each record: its own time or the observed one, or the receive time when that is out of range. */
	timeUnixMs: number[];
	records: LogRecord[];
	resources: BlockResource[];
	scopes: BlockScope[];
}
