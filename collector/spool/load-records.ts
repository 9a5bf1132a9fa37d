import type { SpanBlock } from '../../schema/span-block.ts';
import type { SpoolFile } from './disk.ts';
import { decodeRecord } from './encode-record.ts';
import type { RecentBlocks } from './recent-blocks.ts';
import { RecordError } from './record-error.ts';
import { recordHeadBytes } from './segment-format.ts';
import type { FoundRecord } from './segment-scan.ts';
import type { GuiltyRecord, LoadedRecord } from './store-batch.ts';

export interface LoadedRecords {
	loaded: LoadedRecord[];
	/** Those whose bytes are not what was written. */
	guilty: GuiltyRecord[];
}

/** Blocks of records, out of memory where they are still there. */
export async function loadRecords(
	file: SpoolFile,
	records: readonly FoundRecord[],
	recent: RecentBlocks,
	seed: number,
): Promise<LoadedRecords> {
	const loaded: LoadedRecord[] = [];
	const guilty: GuiltyRecord[] = [];
	for (const record of records) {
		const { id } = record.head;
		try {
			loaded.push({ id, block: recent.get(id) ?? (await readBlock(file, record, seed)) });
		} catch (error) {
			if (!(error instanceof RecordError)) throw error;
			guilty.push({ id, reason: error.message });
		}
	}
	return { loaded, guilty };
}

async function readBlock(file: SpoolFile, { head, at }: FoundRecord, seed: number): Promise<SpanBlock> {
	const payload = Buffer.allocUnsafe(head.payloadBytes);
	const length = await file.read(payload, at + recordHeadBytes);
	return decodeRecord(head, payload.subarray(0, length), seed);
}
