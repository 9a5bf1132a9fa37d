import { silentLog } from '../../collector/log.ts';
import type { DecodeWorkerData } from '../../collector/decode-worker.ts';
import { DecodePool } from '../../collector/receiver/decode-pool.ts';
import { packBlock, packForMemory } from '../../collector/spool/pack-block.ts';

interface PoolOptions {
	threads?: number;
	/** In place of the product's own. */
	workerUrl?: URL;
	heapMebibytes?: number;
	/** Blocks are compressed, as for the disk. */
	isSpooled?: boolean;
}

/** A pool as the product has one: that keeps nothing on disk, unless said. */
export function openDecodePool(options: PoolOptions = {}): DecodePool {
	const { threads = 1, workerUrl, heapMebibytes = 1_024, isSpooled = false } = options;
	const workerData: DecodeWorkerData = { isSpooled };
	return new DecodePool({
		threads,
		workerUrl: workerUrl ?? new URL('../../collector/decode-worker.ts', import.meta.url),
		workerData,
		pack: isSpooled ? packBlock : packForMemory,
		heapMebibytes,
		log: silentLog,
	});
}
