import type { IngestAnswer } from '../../../schema/api-ingest.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import { formatBytes, formatCount, formatCounted, formatDuration, formatRate } from '../../lib/format.ts';

/** Reasons of the receiver, for people. One that is not known here is shown as it is. */
const REASONS: Readonly<Record<string, string>> = {
	invalid_trace_id: 'The trace id is not 16 bytes, or all zeros',
	invalid_span_id: 'The span id is not 8 bytes, or all zeros',
	no_trace: 'A log record without a trace and without an exception',
	log_quota: 'More log records than the quota of a minute',
	signal_not_stored: 'Metrics are not kept',
};

const MARKS: Readonly<Record<string, string>> = {
	clockAdjusted: 'Ended outside the retention or in the future: placed at the time of receipt',
	neverEnded: 'Never ended',
	endBeforeStart: 'Ended before their start: the duration is 0',
	cut: 'Passed a limit: attributes, events, links or a text were cut',
	redacted: 'Held a secret, which was taken out',
	parentDropped: 'Had a parent id that is none',
	base64Id: 'Had ids in base64 instead of hexadecimal',
};

export const reasonInWords = (reason: string): string => REASONS[reason] ?? reason;
export const markInWords = (mark: string): string => MARKS[mark] ?? mark;

export interface IngestFact {
	label: string;
	value: string;
	/** What the value is measured against, or why it is as it is. */
	note: string;
	isBad: boolean;
}

const LATE_MS = 30_000;
const FULL_SHARE = 0.8;

/** The figures on top: how fast, how far behind, how full. */
export function ingestFacts(ingest: IngestAnswer, { spool, logSpool, spans, derived }: StatusAnswer): IngestFact[] {
	const perSecond = ingest.services.reduce((sum, service) => sum + service.spansPerSecond, 0);
	const lagMs = spool.oldestAgeMs ?? 0;
	const { disk } = ingest;
	const lost = spool.quarantinedSpans + logSpool.quarantinedRecords;
	return [
		{
			label: 'Spans',
			value: formatRate(perSecond),
			note: 'over the last five minutes',
			isBad: false,
		},
		{
			label: 'Lag',
			value: formatDuration(Math.max(lagMs, derived.lagMs) * 1e6),
			note: spool.storeFailure ?? waitingText(spool),
			isBad: lagMs > LATE_MS || spool.storeFailure !== undefined,
		},
		{
			label: 'Spool',
			value: formatBytes(spool.bytes + logSpool.bytes),
			note:
				spool.maxBytes === 0
					? `none: a 2xx means ${spool.ack}`
					: `of ${formatBytes(spool.maxBytes + logSpool.maxBytes)}`,
			isBad: spool.maxBytes > 0 && spool.bytes > FULL_SHARE * spool.maxBytes,
		},
		{
			label: 'Spans on disk',
			value: formatBytes(spans.bytesOnDisk),
			note: formatCounted(spans.rows, 'span'),
			isBad: false,
		},
		{
			label: 'Free disk',
			value: disk === null ? formatBytes(null) : formatBytes(disk.freeBytes),
			note: disk === null ? 'the system does not say' : `of ${formatBytes(disk.totalBytes)}`,
			isBad: disk !== null && disk.freeBytes < (1 - FULL_SHARE) * 0.5 * disk.totalBytes,
		},
		{
			label: 'Set aside',
			value: formatCount(lost),
			note: lost === 0 ? 'nothing is in quarantine' : 'spans and log records in quarantine',
			isBad: lost > 0,
		},
	];
}

function waitingText({ spans, holdMs }: StatusAnswer['spool']): string {
	const waiting = `${formatCounted(spans, 'span')} acknowledged and not stored yet`;
	return holdMs === 0 ? waiting : `${waiting}; senders are slowed down by ${formatDuration(holdMs * 1e6)} a request`;
}

/** `nodejs opentelemetry 2.1.0`, without what is not known. */
export const sdkText = ({ language, name, version }: IngestAnswer['services'][number]['sdks'][number]): string =>
	[language, name, version].filter((word) => word !== '').join(' ');
