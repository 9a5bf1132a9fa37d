import type { BatchSink } from './batch-sink.ts';
import type { CollectedBatch } from './collect-batch.ts';
import type { SpoolFile } from './disk.ts';
import { missingRows } from './missing-rows.ts';
import type { Outcome } from './postponed.ts';
import type { SetAside } from './quarantine.ts';
import { recordEnd } from './segment-scan.ts';
import type { FoundRecord } from './segment-scan.ts';
import type { SpoolBlock } from './spool-block.ts';
import type { GuiltyRecord, LoadedRecord } from './store-batch.ts';

export const spansOf = (records: readonly FoundRecord[]): number =>
	records.reduce((total, { head }) => total + head.spans, 0);

/** Stretches of a segment that are no records. */
export const damagedAsides = (segment: number, file: SpoolFile, damages: CollectedBatch['damages']): SetAside[] =>
	damages.map(({ at, end, head }) => {
		const reason = 'the bytes are not a whole record';
		return { segment, id: head?.id, spans: head?.spans ?? 0, reason, rows: undefined, file, at, end };
	});

interface Refused<Block extends SpoolBlock> {
	/** By the id of the record. */
	causes: ReadonlyMap<number, GuiltyRecord>;
	loaded: readonly LoadedRecord<Block>[];
	sink: Pick<BatchSink<Block>, 'placesOf'>;
}

/** Records that could not be stored, each with the rows that are not. */
export function refusedAsides<Block extends SpoolBlock>(
	segment: number,
	file: SpoolFile,
	records: readonly FoundRecord[],
	{ causes, loaded, sink }: Refused<Block>,
): SetAside[] {
	const blocks = new Map(loaded.map(({ id, block }) => [id, block]));
	return records.flatMap((record): SetAside[] => {
		const { id, spans } = record.head;
		const cause = causes.get(id);
		if (cause === undefined) return [];
		const rows = missingRows(blocks.get(id), cause.partitions, (block) => sink.placesOf?.(block));
		return [{ segment, id, spans, reason: cause.reason, rows, file, at: record.at, end: recordEnd(record) }];
	});
}

/** How much of the batch is stored, and what the sink said of the rest. */
export function outcomeOf(records: readonly FoundRecord[], causes: ReadonlyMap<number, GuiltyRecord>): Outcome {
	const refused = records.filter(({ head }) => causes.has(head.id));
	const lacking = [...causes.values()].find(({ lacksMemory }) => lacksMemory);
	return {
		records: refused.length,
		spans: spansOf(refused),
		storedRecords: records.length - refused.length,
		storedSpans: spansOf(records) - spansOf(refused),
		reason: lacking?.reason ?? '',
	};
}
