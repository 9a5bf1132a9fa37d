import type { IngestAnswer } from '../../../schema/api-ingest.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import { formatBytes, formatCount, formatCounted, formatDuration, formatRate, MISSING } from '../../lib/format.ts';

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
const FULL_SOON_MS = 3_600_000;

/** The figures on top: how fast, how far behind, how full. While ClickHouse is away they come from the status alone. */
export function ingestFacts(ingest: IngestAnswer | undefined, status: StatusAnswer): IngestFact[] {
	const { store, spool, logSpool, spans, derived, disk } = status;
	const perSecond = ingest?.services.reduce((sum, service) => sum + service.spansPerSecond, 0);
	const lagMs = spool.oldestAgeMs ?? 0;
	const lost = spool.quarantinedSpans + logSpool.quarantinedRecords;
	const known = (note: string): string => (store.ready ? note : 'not known while ClickHouse is away');
	return [
		{
			label: 'Spans',
			value: perSecond === undefined ? MISSING : formatRate(perSecond),
			note: perSecond === undefined ? known('over the last five minutes') : 'over the last five minutes',
			isBad: false,
		},
		{
			label: 'Lag',
			value: formatDuration(Math.max(lagMs, derived.lagMs) * 1e6),
			note: waitingText(status),
			isBad: isLate(spool),
		},
		{
			label: 'Spool',
			value: formatBytes(spool.bytes + logSpool.bytes),
			note:
				spool.maxBytes === 0
					? `none: a 2xx means ${spool.ack}`
					: `of ${formatBytes(spool.maxBytes + logSpool.maxBytes)}${flowText(spool)}`,
			isBad:
				spool.maxBytes > 0 &&
				(spool.bytes > FULL_SHARE * spool.maxBytes || (spool.fullInMs ?? Infinity) < FULL_SOON_MS),
		},
		{
			label: 'Spans on disk',
			value: store.ready ? formatBytes(spans.bytesOnDisk) : MISSING,
			note: known(formatCounted(spans.rows, 'span')),
			isBad: false,
		},
		diskFact(disk),
		{
			label: 'Set aside',
			value: formatCount(lost),
			note: lost === 0 ? 'nothing is in quarantine' : 'spans and log records in quarantine',
			isBad: lost > 0,
		},
	];
}

const isLate = ({ oldestAgeMs, storeFailure, insertsPaused, postponedRequests }: StatusAnswer['spool']): boolean =>
	(oldestAgeMs ?? 0) > LATE_MS || storeFailure !== undefined || insertsPaused || postponedRequests > 0;

/** What the lag is of: stored spans wait as well, for what is counted from them. */
function waitingText({ spool, derived }: StatusAnswer): string {
	const { spans, holdMs, storeFailure, oldestAgeMs } = spool;
	const waiting = `${formatCounted(spans, 'span')} acknowledged and not stored yet`;
	if (storeFailure !== undefined) return `${waiting}: ${storeFailure}`;
	const held = holdMs === 0 ? '' : `senders are slowed down by ${formatDuration(holdMs * 1e6)} a request`;
	const isCounting = derived.lagMs > (oldestAgeMs ?? 0);
	const counting = isCounting ? `${formatCounted(derived.spansWaiting, 'span')} stored and not counted yet` : '';
	return [waiting, counting, held, pressureText(spool), postponedText(spool)].filter((text) => text !== '').join('; ');
}

/** ClickHouse has more parts than it merges. */
function pressureText({ mostParts, insertDistanceMs, insertsPaused }: StatusAnswer['spool']): string {
	const parts = `${formatCounted(mostParts ?? 0, 'part')} in a partition`;
	if (insertsPaused) return `no inserts until ${parts} are merged`;
	return insertDistanceMs === 0 ? '' : `inserts ${formatDuration(insertDistanceMs * 1e6)} apart: ${parts}`;
}

const postponedText = ({ postponedRequests, postponedSpans }: StatusAnswer['spool']): string =>
	postponedRequests === 0
		? ''
		: `ClickHouse lacks memory for ${formatCounted(postponedRequests, 'request')} of ${formatCounted(postponedSpans, 'span')}`;

/** `; 1.2 MiB/s in, 0 B/s out: full in 2 h`. */
function flowText({ fillBytesPerSecond, drainBytesPerSecond, fullInMs }: StatusAnswer['spool']): string {
	if (fillBytesPerSecond === 0 && drainBytesPerSecond === 0) return '';
	const rates = `${formatBytes(fillBytesPerSecond)}/s in, ${formatBytes(drainBytesPerSecond)}/s out`;
	return fullInMs === null ? `; ${rates}` : `; ${rates}: full in ${formatDuration(fullInMs * 1e6)}`;
}

function diskFact({ freeBytes, totalBytes }: StatusAnswer['disk']): IngestFact {
	const label = 'Free disk';
	if (freeBytes === null || totalBytes === null)
		return { label, value: MISSING, note: 'the system does not say', isBad: false };
	const isBad = freeBytes < (1 - FULL_SHARE) * 0.5 * totalBytes;
	return { label, value: formatBytes(freeBytes), note: `of ${formatBytes(totalBytes)}`, isBad };
}

/** `nodejs opentelemetry 2.1.0`, without what is not known. */
export const sdkText = ({ language, name, version }: IngestAnswer['services'][number]['sdks'][number]): string =>
	[language, name, version].filter((word) => word !== '').join(' ');
