import type { ExceptionGroup } from '../analysis/exceptions/exception-group.ts';
import type { CallFacts, Finding } from '../analysis/issues/trace-calls.ts';
import type { TraceSpans } from '../../schema/trace-spans.ts';
import type { DictionaryTexts } from './native/native-columns.ts';

/** What the background jobs ask of the store. 64-bit numbers are decimal texts. */

export interface NewVariant {
	variant: string;
	type: string;
	message: string;
	stack: string;
	namespace: string;
	serviceName: string;
}

export interface AssignedVariant
	extends Pick<NewVariant, 'variant' | 'type' | 'message' | 'stack'>, Pick<ExceptionGroup, 'title' | 'culprit'> {
	issue: string;
}

export interface VariantTable {
	/** With exceptions in spans after that commit, or in logs. */
	projects(after: number): Promise<string[]>;
	/** Variants of exceptions in spans after that commit that no issue is known of. */
	ofEvents(project: string, after: number, limit: number): Promise<NewVariant[]>;
	/** As `ofEvents`, of log records since then. */
	ofLogs(project: string, sinceMs: number, limit: number): Promise<NewVariant[]>;
	count(project: string): Promise<number>;
	/** Doing it twice is as good as doing it once. */
	assign(project: string, rows: readonly AssignedVariant[]): Promise<void>;
}

/** A trace with new spans. */
export interface TouchedTrace {
	project: string;
	traceId: string;
	/** When its new spans ended. */
	fromMs: number;
	toMs: number;
	spans: number;
	firstCommit: number;
}

/** Many of them as columns. Of ids 16 bytes a row. */
export interface TouchedTraces {
	rows: number;
	project: DictionaryTexts;
	traceId: Uint8Array;
	fromMs: Float64Array;
	toMs: Float64Array;
	spans: Float64Array;
	firstCommit: Float64Array;
}

/** What spans of one kind share beside what the detectors need. */
export interface SharedFacts extends CallFacts {
	namespace: string;
	serviceName: string;
	environment: string;
	version: string;
}

/** `spans.name` numbers the facts. */
export interface TraceToSearch {
	traceId: string;
	spans: TraceSpans;
	facts: readonly SharedFacts[];
}

/** One issue in one trace. */
export interface FindingRow extends Pick<Finding, 'kind' | 'operation' | 'subject'> {
	traceId: string;
	issue: string;
	/** Unix milliseconds. */
	analysedMs: number;
	timeMs: number;
	spanId: string;
	namespace: string;
	serviceName: string;
	environment: string;
	version: string;
	places: number;
	spans: number;
	wastedNano: number;
	gone: boolean;
}

export interface FindingTable {
	/** All spans of commits up to this one are stored. */
	storedTo(): number;
	/** Where an earlier process left off. */
	progress(): Promise<number>;
	note(commit: number): Promise<void>;
	/** Traces with spans of commits after the first up to the second. */
	touched(after: number, upTo: number): Promise<TouchedTraces>;
	/** All their spans, in ClickHouse's Native format; one more than `limit` where there are more. */
	read(project: string, traces: readonly TouchedTrace[], limit: number): Promise<Uint8Array>;
	/** What holds of these traces now. */
	stored(project: string, traceIds: readonly string[]): Promise<FindingRow[]>;
	write(project: string, rows: readonly FindingRow[]): Promise<void>;
}
