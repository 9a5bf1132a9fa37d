import type { StorageAnswer } from '../../schema/api-storage.ts';
import type { Stretch } from '../store/keeping/partitions.ts';
import type { Retention } from '../store/retention.ts';
import type { DiskState } from './disk-limit.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** Bytes that a day of spans and logs, or of what is counted from them, takes on the disk, at the rate of the last day. */
export function bytesPerDay(stretches: readonly Stretch[], kind: Stretch['kind'], nowMs: number): number {
	const recent = stretches.filter(
		(stretch) => stretch.kind === kind && stretch.toMs > nowMs - dayMs && stretch.fromMs <= nowMs,
	);
	const bytes = recent.reduce((sum, stretch) => sum + stretch.bytes, 0);
	const coveredMs = nowMs - Math.min(...recent.map(({ fromMs }) => fromMs));
	return bytes === 0 ? 0 : (bytes * dayMs) / Math.max(coveredMs, hourMs);
}

interface Reach {
	retention: Retention;
	stretches: readonly Stretch[];
	disk: Pick<DiskState, 'maxBytes' | 'usedBytes'> | undefined;
	/** End of the oldest span that is stored. */
	oldestMs: number | null;
	nowMs: number;
}

/** How far back spans reach, and how far they will: the limit of the disk may come before the retention. */
export function reachOf({ retention, stretches, disk, oldestMs, nowMs }: Reach): StorageAnswer['retention'] {
	const { spansMs, derivedMs } = retention;
	const perDay = bytesPerDay(stretches, 'raw', nowMs);
	const derivedPerDay = bytesPerDay(stretches, 'derived', nowMs);
	const roomMs = perDay === 0 || disk === undefined ? Infinity : (roomForSpans(disk, stretches) / perDay) * dayMs;
	return {
		spansMs,
		derivedMs,
		reachMs: oldestMs === null ? null : Math.max(0, nowMs - oldestMs),
		expectedReachMs: perDay === 0 ? null : Math.round(Math.min(spansMs, roomMs)),
		limitedBy: roomMs < spansMs ? 'disk' : 'retention',
		bytesPerDay: Math.round(perDay),
		derivedBytesPerDay: Math.round(derivedPerDay),
	};
}

/** What the rest leaves of the limit. */
function roomForSpans({ maxBytes, usedBytes }: NonNullable<Reach['disk']>, stretches: readonly Stretch[]): number {
	const raw = stretches.reduce((sum, { kind, bytes }) => sum + (kind === 'raw' ? bytes : 0), 0);
	const { store, spool, quarantine } = usedBytes;
	return Math.max(0, maxBytes - (store - raw) - spool - quarantine);
}

/** What everything comes to in time under a retention, with what is stored beside the tables that it is for. */
export function expectedBytes(
	{ spansMs, derivedMs }: Retention,
	{ bytesPerDay, derivedBytesPerDay }: StorageAnswer['retention'],
	otherBytes: number,
): number {
	return Math.round((spansMs / dayMs) * bytesPerDay + (derivedMs / dayMs) * derivedBytesPerDay + otherBytes);
}
