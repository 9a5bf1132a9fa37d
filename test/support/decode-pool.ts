import { silentLog } from '../../collector/log.ts';
import type { Log } from '../../collector/log.ts';
import type { DecodeWorkerData } from '../../collector/decode-worker.ts';
import { DecodePool } from '../../collector/receiver/decode-pool.ts';
import { USUAL_DERIVATION } from '../../collector/pipeline/derivation-settings.ts';
import type { DerivationSettings } from '../../collector/pipeline/derivation-settings.ts';
import { redactorOf, USUAL_REDACTION } from '../../collector/pipeline/redaction-settings.ts';
import type { RedactionSettings } from '../../collector/pipeline/redaction-settings.ts';
import { packBlock, packForMemory } from '../../collector/spool/pack-block.ts';

interface PoolOptions {
	threads?: number;
	/** In place of the product's own. */
	workerUrl?: URL;
	heapMebibytes?: number;
	/** Blocks are compressed, as for the disk. */
	isSpooled?: boolean;
	redaction?: RedactionSettings;
	derivation?: DerivationSettings;
	log?: Log;
}

/** A pool as the product has one: that keeps nothing on disk, unless said. */
export function openDecodePool(options: PoolOptions = {}): DecodePool {
	const { threads = 1, workerUrl, heapMebibytes = 1_024, isSpooled = false, redaction = USUAL_REDACTION } = options;
	const { log = silentLog, derivation = USUAL_DERIVATION } = options;
	const workerData: DecodeWorkerData = { isSpooled, redaction, derivation };
	return new DecodePool({
		threads,
		workerUrl: workerUrl ?? new URL('../../collector/decode-worker.ts', import.meta.url),
		workerData,
		redactor: redactorOf(redaction),
		derivation,
		pack: isSpooled ? packBlock : packForMemory,
		heapMebibytes,
		log,
	});
}
