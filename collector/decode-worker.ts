import { workerData } from 'node:worker_threads';
import { serveDecoding } from './receiver/serve-decoding.ts';
import { packBlock, packForMemory } from './spool/pack-block.ts';

/** What the threads of the decode pool are told when they start. */
export interface DecodeWorkerData {
	/** Blocks go to the spool, and are compressed. */
	isSpooled: boolean;
}

// Joins receiver and spool in a thread, as main.ts does in the process.
serveDecoding((workerData as DecodeWorkerData).isSpooled ? packBlock : packForMemory);
