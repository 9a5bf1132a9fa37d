import { silentLog } from '../../collector/log.ts';
import type { DecodeWorkerData } from '../../collector/decode-worker.ts';
import { DecodePool } from '../../collector/receiver/decode-pool.ts';
import { packForMemory } from '../../collector/spool/pack-block.ts';

interface PoolOptions {
	threads?: number;
	/** In place of the product's own. */
	workerUrl?: URL;
	heapMebibytes?: number;
}

/** A pool as the product has one that keeps nothing on disk. */
export function openDecodePool({ threads = 1, workerUrl, heapMebibytes = 1_024 }: PoolOptions = {}): DecodePool {
	const workerData: DecodeWorkerData = { isSpooled: false };
	return new DecodePool({
		threads,
		workerUrl: workerUrl ?? new URL('../../collector/decode-worker.ts', import.meta.url),
		workerData,
		pack: packForMemory,
		heapMebibytes,
		log: silentLog,
	});
}
