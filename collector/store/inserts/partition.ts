import type { SpanBlock } from '../../../schema/span-block.ts';
import { partitionMs } from '../../spool/batch-sink.ts';
import { intervalOf } from '../../spool/interval.ts';
import { selectRows } from './select-rows.ts';

const dayMs = 86_400_000;

/** A block, or rows of one, that lie in one partition. */
export interface PartitionedBlock {
	block: SpanBlock;
	/** Same for blocks that may share an insert: project, partition and shard. */
	key: string;
	/** Days since the epoch. */
	day: number;
	/** At which of several shards; 0 where there is one. */
	shard: number;
}

const partitionOf = (timeUnixMs: bigint | undefined): number => Math.floor(Number(timeUnixMs ?? 0n) / partitionMs);

/** More than there are of them, so that one number says partition and shard. */
const shardsAtMost = 2 ** 16;

/**
 * One insert is one partition, and no more than `maxRows`: most blocks are that already and pass as they are. `shards`: at
 * which of several each row lies; an insert is one of them, too.
 */
export function splitByPartition(block: SpanBlock, maxRows: number, shards?: Uint16Array): PartitionedBlock[] {
	const only = block.rows <= maxRows && shards === undefined ? intervalOf(block.timeUnixMs) : undefined;
	if (only !== undefined) return [{ block, ...placeOf(only, 0, block) }];
	const rowsOf = new Map<number, number[]>();
	for (let row = 0; row < block.rows; row += 1) {
		const place = partitionOf(block.timeUnixMs[row]) * shardsAtMost + (shards?.[row] ?? 0);
		const rows = rowsOf.get(place);
		if (rows === undefined) rowsOf.set(place, [row]);
		else rows.push(row);
	}
	const pieces: PartitionedBlock[] = [];
	for (const [number, rows] of rowsOf) {
		const place = placeOf(Math.floor(number / shardsAtMost), number % shardsAtMost, block);
		for (let from = 0; from < rows.length; from += maxRows) {
			const some = rows.slice(from, from + maxRows);
			const piece = some.length === block.rows ? block : selectRows(block, Uint32Array.from(some));
			pieces.push({ block: piece, ...place });
		}
	}
	return pieces;
}

const placeOf = (partition: number, shard: number, { project }: SpanBlock): Omit<PartitionedBlock, 'block'> => ({
	key: `${partition} ${shard} ${project}`,
	day: Math.floor((partition * partitionMs) / dayMs),
	shard,
});
