import type {
	CountAnswer,
	Operation,
	Partial,
	RedAnswer,
	Service,
	Sort,
	SpanDetail,
	SpanRow,
	TimeWindow,
	TraceSummary,
} from '../../schema/api.ts';
import type { StatusAnswer } from '../../schema/api-status.ts';
import type { Instance, OperationSight } from '../../schema/api-services.ts';
import type { HistogramPoint } from '../../schema/api-measures.ts';
import type { Comparison } from '../../schema/compared-window.ts';
import type { Query } from '../../schema/query-syntax.ts';
import type { LogRow } from '../../schema/api-logs.ts';
import type { ColumnPlan } from '../analysis/column-plan.ts';
import type { CompiledQuery } from '../analysis/query-to-sql.ts';
import type { TraceSpans } from '../../schema/trace-spans.ts';
import type { SpanId, SpanKind, TraceId } from '../../schema/span.ts';
import type { OtlpTracesData } from '../../schema/otlp-json.ts';

/** What every read is confined to. `signal` cancels the query in ClickHouse too. */
export interface ReadScope {
	project: string;
	signal?: AbortSignal;
}

/** A half-open window by the end of spans, and optionally one environment. */
export interface WindowScope extends ReadScope {
	window: TimeWindow;
	environment?: string;
	/** For reads that compare; with the window just before unless said. */
	comparison?: Comparison;
}

/** `namespace` undefined: the bare name, whatever its namespace. */
export interface ServiceName {
	service: string;
	namespace?: string;
}

export interface RedReader {
	/** By service, namespace and environment, with what the window is compared with, and `stepMs` points for sparklines. */
	services(scope: WindowScope, filter: ServicesFilter): Promise<Service[]>;
	environments(scope: WindowScope): Promise<string[]>;
	/** Which namespaces have this service name in the window, for the ambiguity check. */
	namespacesOf(scope: WindowScope, service: string): Promise<string[]>;
	/** All spans of the service by operation, kind and type, with what the window is compared with; those that took most time first. */
	operations(
		scope: WindowScope,
		service: ServiceName,
		stepMs: number,
	): Promise<{ operations: Operation[]; partial?: Partial }>;
	/** Entry spans of the service, or all spans of one operation. Steps without spans are there, with 0 requests. */
	red(scope: WindowScope, service: ServiceName, filter: RedFilter): Promise<Pick<RedAnswer, 'points' | 'before'>>;
	/** Versions of the service that were seen for the first time in the window. */
	newVersions(scope: WindowScope, service: ServiceName): Promise<{ versions: RedAnswer['versions']; total: number }>;
	/** When each operation of the service was seen first and last in the window, however long; those seen last first. */
	operationSights(
		scope: WindowScope,
		service: ServiceName,
	): Promise<{ operations: OperationSight[]; partial?: Partial }>;
	/** Entry spans by instance; those with most requests first. */
	instances(scope: WindowScope, service: ServiceName): Promise<{ instances: Instance[]; partial?: Partial }>;
}
export interface ServicesFilter {
	stepMs: number;
	spans: 'entry' | 'all';
	/** Bucket of schema/histogram.ts at whose upper edge the threshold of Apdex lies. */
	apdexBucket?: number;
}
export interface RedFilter {
	stepMs: number;
	operation?: string;
	kind?: SpanKind;
	apdexBucket?: number;
}

export interface Page {
	sort: Sort;
	limit: number;
	/** As handed out in `nextCursor`. Throws `CursorError` when it was not. */
	cursor?: string;
	/** Further values of spans. */
	columns?: ColumnPlan;
}

/** Where a page ends, and what is said where more than may be read would have to be. */
interface PageEnd {
	nextCursor?: string;
	partial?: Partial;
}

export interface SearchReader {
	/** Traces with at least one span that matches; numbers are of the whole trace. */
	traces(scope: WindowScope, query: CompiledQuery, page: Page): Promise<PageEnd & { traces: TraceSummary[] }>;
	spans(scope: WindowScope, query: CompiledQuery, page: Page): Promise<PageEnd & { spans: SpanRow[] }>;
	count(scope: WindowScope, query: CompiledQuery): Promise<Pick<CountAnswer, 'spans' | 'traces' | 'partial'>>;
}

/** A query, and the condition on single spans that it was made into. */
export interface MeasuredQuery extends CompiledQuery {
	query: Query;
}

export interface MeasureReader {
	/** Durations of the spans that match, by step. Every step that touches the window is there. */
	latencyHistogram(
		scope: WindowScope,
		query: MeasuredQuery,
		stepMs: number,
	): Promise<{ points: HistogramPoint[]; partial?: Partial }>;
}

/** `atMs`: the last known end of the trace. The hour around it is read first, then everything. */
export interface TraceReader {
	/** Up to `limit` spans; `total` says how many there are. Undefined when there is no such trace. */
	spans(
		scope: ReadScope,
		traceId: TraceId,
		atMs: number | undefined,
		limit: number,
	): Promise<{ spans: TraceSpans; total: number } | undefined>;
	/** Everything of the trace exactly as received. */
	otlp(scope: ReadScope, traceId: TraceId, atMs: number | undefined): Promise<OtlpTracesData | undefined>;
	span(scope: ReadScope, traceId: TraceId, spanId: SpanId, atMs: number | undefined): Promise<SpanDetail | undefined>;
}

export interface LogReader {
	/** Up to `limit` log records of the trace, the first or those nearest to a moment; oldest first. */
	ofTrace(
		scope: ReadScope,
		traceId: TraceId,
		wanted: {
			/** Unix ms: where to look first. */
			at?: number | undefined;
			/** Nanoseconds since the epoch. */
			around?: string | undefined;
			limit: number;
		},
	): Promise<{ logs: LogRow[]; truncated: boolean }>;
}

export interface StatusReader {
	/** The times of the oldest and newest are up to a second old. */
	spans(scope: ReadScope): Promise<StatusAnswer['spans']>;
	/** End of the newest span stored a second ago at most, over all time; null when there is none. */
	newestMs(scope: ReadScope): Promise<number | null>;
	/** Answers within a second or throws. */
	ping(): Promise<void>;
}
