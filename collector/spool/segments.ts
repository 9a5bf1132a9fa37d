import type { DrainEntry } from './drain-log.ts';
import { RecordRanges } from './record-ranges.ts';
import type { RecordRange } from './record-ranges.ts';
import { segmentHeadBytes } from './segment-format.ts';

/**
 * A batch of which some records are tried again later. On the disk it is one that was begun and not committed, so that
 * after a restart it is asked about like any other.
 */
export interface PostponedBatch extends RecordRange {
	/** Where its first record begins. */
	position: number;
	/** What of it is not stored. */
	records: number;
	spans: number;
	/** What of it is. */
	storedRecords: number;
	storedSpans: number;
	/** Why it waits. */
	reason: string;
	/** By a monotonous clock: since when, and until when. */
	sinceMs: number;
	nextMs: number;
	tries: number;
}

/** A file of records, and how far it is drained. */
export interface Segment {
	number: number;
	name: string;
	createdMs: number;
	/** Bytes that are synced and count. */
	end: number;
	/** Nothing is appended to it any more. */
	isSealed: boolean;
	/** What the file may hold behind `end` was never acknowledged. */
	isCut: boolean;
	records: number;
	spans: number;
	/** The largest id in it, or one less than its base. */
	lastId: number;
	/** Records whose bytes are no longer needed. */
	settled: RecordRanges;
	settledRecords: number;
	settledSpans: number;
	/** Batches that were begun before a restart and may be stored. */
	intents: RecordRange[];
	postponed: PostponedBatch[];
	/** Since when, in Unix milliseconds, batches wait for memory, by their first id: from before a restart, too. */
	waitsSinceMs: Map<number, number>;
	/** Where the drain reads on. */
	position: number;
	/** When the oldest of the records that wait for their first turn was received, or earlier. */
	oldestMs: number;
	/** Something in it could be neither stored nor set aside: the file stays until the next start. */
	isStuck: boolean;
}

export const newSegment = (number: number, name: string, baseId: number, createdMs: number): Segment => ({
	number,
	name,
	createdMs,
	end: segmentHeadBytes,
	isSealed: false,
	isCut: false,
	records: 0,
	spans: 0,
	lastId: baseId - 1,
	settled: new RecordRanges(),
	settledRecords: 0,
	settledSpans: 0,
	intents: [],
	postponed: [],
	waitsSinceMs: new Map(),
	position: segmentHeadBytes,
	oldestMs: createdMs,
	isStuck: false,
});

/** Marks records as settled; `records` and `spans` count those of the range that are there. */
export function settle(segment: Segment, range: RecordRange, records: number, spans: number): void {
	segment.settled.add(range.first, range.last);
	segment.settledRecords += records;
	segment.settledSpans += spans;
}

/** Neither stored nor set aside. */
export const pendingRecords = ({ records, settledRecords, postponed }: Segment): number =>
	Math.max(0, records - settledRecords - total(postponed, (batch) => batch.storedRecords));
export const pendingSpans = ({ spans, settledSpans, postponed }: Segment): number =>
	Math.max(0, spans - settledSpans - total(postponed, (batch) => batch.storedSpans));

/** The same without what is postponed: it comes to these by itself. */
export const waitingRecords = (segment: Segment): number =>
	pendingRecords(segment) - total(segment.postponed, (batch) => batch.records);
export const waitingSpans = (segment: Segment): number =>
	pendingSpans(segment) - total(segment.postponed, (batch) => batch.spans);

const total = <Item>(all: readonly Item[], of: (one: Item) => number): number =>
	all.reduce((sum, one) => sum + of(one), 0);

/** Of all that wait for their first turn, the receipt of the oldest or earlier; Infinity when none does. */
export const oldestWaitingMs = (segments: readonly Segment[]): number =>
	segments
		.filter((segment) => waitingRecords(segment) > 0)
		.reduce((oldest, segment) => Math.min(oldest, segment.oldestMs), Infinity);

/** The same of all that are neither stored nor set aside. */
export const oldestPendingMs = (segments: readonly Segment[]): number =>
	segments
		.filter((segment) => pendingRecords(segment) > 0)
		.reduce(
			(oldest, { oldestMs, createdMs, postponed }) => Math.min(oldest, postponed.length > 0 ? createdMs : oldestMs),
			Infinity,
		);

export const pendingOf = (segments: readonly Segment[]): { records: number; spans: number } => ({
	records: total(segments, pendingRecords),
	spans: total(segments, pendingSpans),
});
export const isRead = (segment: Segment): boolean => segment.position >= segment.end;

/** What both sides of the spool share: the segments, oldest first, and the numbers to give next. */
export interface SpoolFiles {
	src: string;
	seed: number;
	folder: string;
	segments: Segment[];
	nextId: number;
	nextSegment: number;
}

/** All that the drain log has to remember of these segments. */
export function drainEntries({ segments, nextId }: SpoolFiles): DrainEntry[] {
	const entries: DrainEntry[] = [{ kind: 'mark', segment: 0, first: 0, last: nextId - 1, records: 0, spans: 0 }];
	for (const one of segments) {
		const { number: segment, end, isCut, settled, settledRecords, settledSpans, intents, waitsSinceMs } = one;
		if (isCut) entries.push({ kind: 'end', segment, first: end, last: 0, records: 0, spans: 0 });
		for (const [index, { first, last }] of settled.all.entries()) {
			// The counts are of all ranges together, so they go with the first.
			const counts = index === 0 ? { records: settledRecords, spans: settledSpans } : { records: 0, spans: 0 };
			entries.push({ kind: 'commit', segment, first, last, ...counts });
		}
		for (const { first, last } of intents) entries.push({ kind: 'intent', segment, first, last, records: 0, spans: 0 });
		for (const [first, spans] of waitsSinceMs)
			entries.push({ kind: 'wait', segment, first, last: first, records: 0, spans });
	}
	return entries;
}
