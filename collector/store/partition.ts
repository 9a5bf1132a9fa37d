import type { SpanBlock } from '../../schema/span-block.ts';
import { partitionMs } from '../spool/batch-sink.ts';
import { intervalOf } from '../spool/interval.ts';
import { selectRows } from './select-rows.ts';

const dayMs = 86_400_000;

/** A block, or rows of one, that lie in one partition. */
export interface PartitionedBlock {
	block: SpanBlock;
	/** Same for blocks that may share an insert: project and partition. */
	key: string;
	/** Days since the epoch. */
	day: number;
}

const partitionOf = (timeUnixMs: bigint | undefined): number => Math.floor(Number(timeUnixMs ?? 0n) / partitionMs);

/** One insert is one partition, and no more than `maxRows`: most blocks are that already and pass as they are. */
export function splitByPartition(block: SpanBlock, maxRows: number): PartitionedBlock[] {
	const only = block.rows <= maxRows ? intervalOf(block.timeUnixMs) : undefined;
	if (only !== undefined) return [{ block, ...placeOf(only, block) }];
	const rowsOf = new Map<number, number[]>();
	for (let row = 0; row < block.rows; row += 1) {
		const partition = partitionOf(block.timeUnixMs[row]);
		const rows = rowsOf.get(partition);
		if (rows === undefined) rowsOf.set(partition, [row]);
		else rows.push(row);
	}
	const pieces: PartitionedBlock[] = [];
	for (const [partition, rows] of rowsOf) {
		const place = placeOf(partition, block);
		for (let from = 0; from < rows.length; from += maxRows) {
			const some = rows.slice(from, from + maxRows);
			const piece = some.length === block.rows ? block : selectRows(block, Uint32Array.from(some));
			pieces.push({ block: piece, ...place });
		}
	}
	return pieces;
}

const placeOf = (partition: number, { project }: SpanBlock): { key: string; day: number } => ({
	key: `${partition} ${project}`,
	day: Math.floor((partition * partitionMs) / dayMs),
});
