import { partitionMs } from './batch-sink.ts';
import type { Partition } from './batch-sink.ts';
import type { MissingRows } from './quarantine.ts';
import type { SpoolBlock } from './spool-block.ts';

/** Which rows of the block lie in these partitions; undefined when nobody knows which are not stored. */
export function missingRows<Block extends SpoolBlock>(
	block: Block | undefined,
	partitions: readonly Partition[] | undefined,
	placesOf: (block: Block) => Uint16Array | undefined,
): MissingRows | undefined {
	if (block === undefined || partitions === undefined) return undefined;
	const keyOf = (startMs: number, shard = 0): string => `${startMs} ${shard}`;
	const missing = new Set(partitions.map(({ startMs, shard }) => keyOf(startMs, shard)));
	const places = placesOf(block);
	const ranges: [number, number][] = [];
	for (let row = 0; row < block.rows; row += 1) {
		const startMs = Math.floor(Number(block.timeUnixMs[row]) / partitionMs) * partitionMs;
		if (!missing.has(keyOf(startMs, places?.[row]))) continue;
		const last = ranges.at(-1);
		if (last?.[1] === row) last[1] = row + 1;
		else ranges.push([row, row + 1]);
	}
	const [only] = ranges;
	return ranges.length === 1 && only?.[0] === 0 && only[1] === block.rows ? 'all' : ranges;
}
