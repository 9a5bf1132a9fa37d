import type { PackedBlock } from '../../schema/packed-block.ts';
import { countPoints } from './count-points.ts';
import type { DecodePool } from './decode-pool.ts';
import type { BodyEncoding, IngestObserver, OtlpEncoding, Signal } from './ingest-observer.ts';
import type { LogQuota } from './log-quota.ts';
import type { PartialSuccess } from './otlp-response.ts';
import { tracesPartialSuccess } from './partial-success.ts';
import type { Sender } from './sender.ts';
import type { Rejection } from './span-block-builder.ts';
import { storeLogs } from './take-logs.ts';

/** What taking a request needs, by whatever protocol it came. */
export interface TakeOptions {
	/**
	 * Resolves when the block is stored as durably as the settings say, with `duplicate` when the same request had been;
	 * rejects when it could not be taken.
	 */
	append: (block: PackedBlock, fingerprint: Uint8Array | undefined) => Promise<unknown>;
	/** The same for log records. */
	appendLogs: TakeOptions['append'];
	/** Tells a client's retry from a new request. */
	fingerprint?: (request: InflatedRequest) => Uint8Array;
	/** Spans that ended before this are placed at their receive time. */
	limits: { retentionMs: number };
	/** An answer is not waited for any longer, where `fingerprint` is there; see takeInTime. */
	answerWithinMs?: number;
	/** Unix milliseconds. */
	clock: () => number;
	/** Decodes a body; see DecodePool. */
	decode: DecodePool['decode'];
	decodeLogs: DecodePool['decodeLogs'];
	logQuota: LogQuota;
	observe: IngestObserver;
	/** `accept` answers plain success for metrics and for logs without a trace, which are not kept; `report` says so each time. */
	otherSignals: 'accept' | 'report';
}

export type InflatedRequest = Pick<Sender, 'project' | 'chargeSpans'> & { body: Uint8Array } & (
		{ signal: 'traces'; encoding: BodyEncoding } | { signal: Exclude<Signal, 'traces'>; encoding: OtlpEncoding }
	);

/** Stores traces and what logs belong to them, counts metrics. Resolves with what of the request was not kept. */
export async function takeRequest(request: InflatedRequest, options: TakeOptions): Promise<PartialSuccess | undefined> {
	if (request.signal === 'metrics') return countMetrics(request.body, request.encoding, options);
	if (request.signal === 'logs') return storeLogs({ ...request, signal: 'logs' }, options);
	return storeTraces(request, options);
}

async function storeTraces(
	request: InflatedRequest,
	{ append, fingerprint, decode, clock, limits, observe }: TakeOptions,
): Promise<PartialSuccess | undefined> {
	// Before the body may move to another thread.
	const identity = fingerprint?.(request);
	const { body, encoding, project } = request;
	const { block, report, service } = await decode(body, encoding, {
		project,
		receivedMs: clock(),
		retentionMs: limits.retentionMs,
	});
	const outcome = block.rows > 0 ? await append(block, identity) : undefined;
	if (outcome === 'duplicate') {
		observe.spansRepeated(block.rows);
		return tracesPartialSuccess(report);
	}
	request.chargeSpans(block.rows);
	observe.spansAccepted({ report, service, project });
	for (const [reason, count] of Object.entries(report.rejected) as [Rejection, number][]) {
		const sample = report.samples[reason];
		if (count > 0) observe.rejected({ signal: 'traces', reason, count, ...(sample === undefined ? {} : { sample }) });
	}
	return tracesPartialSuccess(report);
}

function countMetrics(
	body: Uint8Array,
	encoding: OtlpEncoding,
	{ observe, otherSignals }: TakeOptions,
): PartialSuccess | undefined {
	const rejected = countPoints(body, encoding);
	if (rejected === 0) return undefined;
	observe.rejected({ signal: 'metrics', reason: 'signal_not_stored', count: rejected });
	if (otherSignals === 'accept') return undefined;
	const message = 'Spanhouse stores traces and their logs; set OTEL_METRICS_EXPORTER=none to stop sending metrics';
	return { rejected, message };
}
