import type { StatusAnswer } from '../../../schema/api-status.ts';
import type { RetentionAnswer, StorageAnswer } from '../../../schema/api-storage.ts';
import { formatBytes, formatCount, formatCounted, formatReach, MISSING } from '../../lib/format.ts';
import { formatMoment } from '../../lib/time-format.ts';
import type { Zone } from '../../lib/time-format.ts';
import type { IngestFact } from './ingest-words.ts';

/** The figures on top. */
export function storageFacts({ retention, disk }: StorageAnswer, { spans }: StatusAnswer): IngestFact[] {
	const { spansMs, derivedMs, reachMs, expectedReachMs, limitedBy, bytesPerDay } = retention;
	const expected =
		expectedReachMs === null
			? 'nothing arrived in the last day'
			: limitedBy === 'disk'
				? `will be ${formatReach(expectedReachMs)}: the limit of the disk comes before the retention`
				: `will be ${formatReach(expectedReachMs)} at this rate`;
	return [
		{ label: 'Spans and logs are kept', value: formatReach(spansMs), note: '--retention', isBad: false },
		{ label: 'Counts are kept', value: formatReach(derivedMs), note: '--rollup-retention', isBad: false },
		{ label: 'Spans reach back', value: formatReach(reachMs), note: expected, isBad: limitedBy === 'disk' },
		{ label: 'Spans stored', value: formatCount(spans.rows), note: formatBytes(spans.bytesOnDisk), isBad: false },
		{ label: 'A day adds', value: formatBytes(bytesPerDay), note: 'spans and logs of the last day', isBad: false },
		diskFact(disk),
	];
}

function diskFact(disk: StorageAnswer['disk']): IngestFact {
	const label = 'Room used';
	if (disk === null) {
		return { label, value: MISSING, note: 'ClickHouse runs elsewhere and keeps its own disk', isBad: false };
	}
	const { store, spool, quarantine } = disk.usedBytes;
	const value = formatBytes(store + spool + quarantine);
	const note = disk.refusal ?? `of ${formatBytes(disk.maxBytes)}, --max-disk`;
	return { label, value, note, isBad: disk.refusal !== null };
}

/** What was dropped for lack of room; undefined when nothing was. */
export function droppedWords(disk: StorageAnswer['disk'], zone: Zone): string | undefined {
	if (disk === null || disk.dropped.stretches === 0) return undefined;
	const { rows, bytes, upToMs } = disk.dropped;
	const upTo = upToMs === null ? '' : ` Spans that ended before ${formatMoment(upToMs, zone)} are gone.`;
	return `The limit of the disk was reached: ${formatCounted(rows, 'row')}, ${formatBytes(bytes)}, dropped since the start.${upTo}`;
}

/** What a retention would do, in a sentence. */
export function predictionWords({ dropped, expectedBytes, fits }: RetentionAnswer): string {
	const rows = dropped.reduce((sum, table) => sum + table.rows, 0);
	const bytes = dropped.reduce((sum, table) => sum + table.bytesOnDisk, 0);
	const spans = dropped.find(({ table }) => table === 'spans')?.rows ?? 0;
	const now =
		rows === 0
			? 'Nothing would be dropped at once.'
			: `At once, ${formatCounted(spans, 'span')} and ${formatCounted(rows - spans, 'other row')} would be dropped, ${formatBytes(bytes)}.`;
	const fit = fits === false ? ', which is over the limit of the disk: the oldest spans would go sooner' : '';
	return `${now} In time, everything would take ${formatBytes(expectedBytes)} at the rate of the last day${fit}.`;
}
