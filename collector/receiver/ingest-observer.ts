import type { DecodeReport } from './decode-report.ts';
import type { LogReport } from './read-logs.ts';

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];
export type OtlpEncoding = 'protobuf' | 'json';
/** Zipkin's v2 JSON is another way in for spans. */
export type BodyEncoding = OtlpEncoding | 'zipkin';

/** Told what happens at the door, for the counters and for the page that says why nothing arrives. Must not throw. */
export interface IngestObserver {
	/** A request whose body was read: `wireBytes` as sent, `bytes` inflated. */
	requestReceived(request: {
		signal: Signal;
		encoding: BodyEncoding;
		contentEncoding: string;
		wireBytes: number;
		bytes: number;
		remote: string;
	}): void;
	/** Spans that `append` took, with what was changed about them. `service` is the last one named in the request. */
	spansAccepted(accepted: { report: DecodeReport; service: string; project: string }): void;
	/** Log records that are kept, if any. */
	logsAccepted(accepted: { report: LogReport }): void;
	/** Spans of a request that had been taken before: its sender did not hear the answer. */
	spansRepeated(spans: number): void;
	/** Spans, data points or log records that are not kept. */
	rejected(rejection: { signal: Signal; reason: string; count: number; sample?: string }): void;
	/** A request that was answered with an error. */
	requestFailed(failure: { method: string; path: string; status: number; detail: string; remote: string }): void;
	/** Every answer to a POST. */
	answered(status: number): void;
}
