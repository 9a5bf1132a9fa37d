import { workerData } from 'node:worker_threads';
import type { DerivationSettings } from './pipeline/derivation-settings.ts';
import { redactorOf } from './pipeline/redaction-settings.ts';
import type { RedactionSettings } from './pipeline/redaction-settings.ts';
import { serveDecoding } from './receiver/serve-decoding.ts';
import { packBlock, packForMemory } from './spool/pack-block.ts';

/** What the threads of the decode pool are told when they start. */
export interface DecodeWorkerData {
	/** Blocks go to the spool, and are compressed. */
	isSpooled: boolean;
	redaction: RedactionSettings;
	derivation: DerivationSettings;
}

// Joins receiver and spool in a thread, as main.ts does in the process.
const { isSpooled, redaction, derivation } = workerData as DecodeWorkerData;
serveDecoding(isSpooled ? packBlock : packForMemory, redactorOf(redaction), derivation);
