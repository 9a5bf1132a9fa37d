import { releaseMemory } from '../release-memory.ts';
import type { SpoolFile } from './disk.ts';
import { decodeRecord, type DecodedRecord } from './encode-record.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import { RecordError } from './record-error.ts';
import { recordHeadBytes } from './segment-format.ts';
import type { FoundRecord } from './segment-scan.ts';
import type { BlockCodec, SpoolBlock } from './spool-block.ts';
import type { GuiltyRecord, LoadedRecord } from './store-batch.ts';

export interface LoadedRecords<Block extends SpoolBlock> {
	loaded: LoadedRecord<Block>[];
	/** Those whose bytes are not what was written. */
	guilty: GuiltyRecord[];
	/** Gives the memory of those back that were read; the others hold until `recent` drops them. */
	release: () => void;
}

/** Blocks of records, out of memory where they are still there. */
export async function loadRecords<Block extends SpoolBlock>(
	file: SpoolFile,
	records: readonly FoundRecord[],
	recent: RecentBlocks<Block>,
	codec: BlockCodec<Block>,
	seed: number,
): Promise<LoadedRecords<Block>> {
	const loaded: LoadedRecord<Block>[] = [];
	const guilty: GuiltyRecord[] = [];
	const frames: Uint8Array[] = [];
	for (const record of records) {
		const { id } = record.head;
		try {
			const known = recent.get(id);
			if (known !== undefined) {
				loaded.push({ id, block: known });
				continue;
			}
			const { block, frame } = await readRecord(file, record, codec, seed);
			loaded.push({ id, block });
			frames.push(frame);
		} catch (error) {
			if (!(error instanceof RecordError)) throw error;
			guilty.push({ id, reason: error.message });
		}
	}
	return { loaded, guilty, release: () => frames.forEach(releaseMemory) };
}

async function readRecord<Block extends SpoolBlock>(
	file: SpoolFile,
	{ head, at }: FoundRecord,
	codec: BlockCodec<Block>,
	seed: number,
): Promise<DecodedRecord<Block>> {
	const payload = Buffer.allocUnsafe(head.payloadBytes);
	const length = await file.read(payload, at + recordHeadBytes);
	const decoded = await decodeRecord(head, payload.subarray(0, length), codec, seed);
	releaseMemory(payload);
	return decoded;
}
