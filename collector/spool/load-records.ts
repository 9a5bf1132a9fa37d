import type { SpoolFile } from './disk.ts';
import { decodeRecord } from './encode-record.ts';
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
	for (const record of records) {
		const { id } = record.head;
		try {
			loaded.push({ id, block: recent.get(id) ?? (await readBlock(file, record, codec, seed)) });
		} catch (error) {
			if (!(error instanceof RecordError)) throw error;
			guilty.push({ id, reason: error.message });
		}
	}
	return { loaded, guilty };
}

async function readBlock<Block extends SpoolBlock>(
	file: SpoolFile,
	{ head, at }: FoundRecord,
	codec: BlockCodec<Block>,
	seed: number,
): Promise<Block> {
	const payload = Buffer.allocUnsafe(head.payloadBytes);
	const length = await file.read(payload, at + recordHeadBytes);
	return decodeRecord(head, payload.subarray(0, length), codec, seed);
}
