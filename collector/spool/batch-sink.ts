import type { SpanBlock } from '../../schema/span-block.ts';
import type { RecordRange } from './record-ranges.ts';
import type { SpoolBlock } from './spool-block.ts';

/** Spans are partitioned by project and by the 3 hours, from midnight UTC, in which they ended. */
export const partitionMs: number = 3 * 3_600_000;

export interface Partition {
	project: string;
	/** When it begins. */
	startMs: number;
	/** Where the sink has several places for rows: at which they lie. */
	shard?: number;
}

/** What one insert stores, whole or not at all: the rows of one partition out of the blocks of one batch. */
export interface SubBatch<Block extends SpoolBlock = SpanBlock> {
	/** The spool that acknowledged them: `_src`. */
	src: string;
	/** `_batch`: id of the first record. The same rows come with the same id every time. */
	batch: number;
	partition: Partition;
	/** Rows of the blocks that lie in the partition. */
	spans: number;
	/** Blocks of the partition's project with rows in it, and perhaps rows beside it. */
	blocks: readonly Block[];
}

/**
 * Where the spool drains to. Every row is marked with `src` and `batch`, so that the sink can say what of a batch it has.
 */
export interface BatchSink<Block extends SpoolBlock = SpanBlock> {
	/**
	 * Resolves when the rows are committed. Throws PoisonError when these rows can never be stored, and anything else when
	 * they may be stored or not: the spool asks `countStored` before it tries again. Of those, MemoryError says that fewer
	 * rows may pass, and PressureError that it should be left alone for a while.
	 */
	insert(batch: SubBatch<Block>): Promise<void>;
	/** Rows in that partition of the batches with these ids. Resolves only when no earlier insert of them can still land. */
	countStored(src: string, batches: RecordRange, partition: Partition): Promise<number>;
	/**
	 * Where it has several places: at which of them each row lies, the same whenever it is asked. What goes to one is a portion
	 * of its own, stored whole or not at all. Undefined where there is one place for all.
	 */
	placesOf?(block: Block): Uint16Array | undefined;
	/** Parts in that partition which has most of them: each insert makes one, and the sink merges them. */
	mostParts?(): Promise<number>;
}

/** The sink understood the rows and will never take them: trying again would be the same again. */
export class PoisonError extends Error {
	override readonly name = 'PoisonError';
}

/** The sink has too little memory for these rows at once, now. The rows are not to blame. */
export class MemoryError extends Error {
	override readonly name = 'MemoryError';
}

/** The sink has more to do than it gets done: each further try makes it worse. */
export class PressureError extends Error {
	override readonly name = 'PressureError';
}
