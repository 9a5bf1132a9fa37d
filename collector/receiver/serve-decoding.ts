import { parentPort } from 'node:worker_threads';
import type { DerivationSettings } from '../pipeline/derivation-settings.ts';
import type { Redactor } from '../pipeline/redaction.ts';
import { releaseMemory } from '../release-memory.ts';
import { DecodeError, type DamagePlace } from './decode-error.ts';
import { DecodeJobs, type DecodeJob, type Pack, type ReadRequest } from './decode-job.ts';

/** Jobs are answered in the order in which they came. */
export type DecodeAnswer =
	{ kind: 'read'; read: ReadRequest } | { kind: 'damaged'; message: string; where: DamagePlace };

/** What a thread of a DecodePool does: decodes body after body away from the thread that serves requests. */
export function serveDecoding(pack: Pack, redactor: Redactor, derivation: DerivationSettings): void {
	const jobs = new DecodeJobs(pack, redactor, derivation);
	parentPort?.on('message', (job: DecodeJob) => {
		try {
			const read = jobs.run(job);
			answer({ kind: 'read', read }, buffersOf(read));
		} catch (error) {
			// Anything else ends the thread: the pool tells the client to come again, and starts a new one.
			if (!(error instanceof DecodeError)) throw error;
			answer({ kind: 'damaged', message: error.message, where: error.where }, []);
		}
		releaseMemory(job.body);
	});
}

/** What goes over without a copy. */
const buffersOf = ({ block: { frame, zstd } }: ReadRequest): ArrayBuffer[] =>
	zstd === undefined ? [frame.buffer] : [frame.buffer, zstd.buffer];

function answer(message: DecodeAnswer, transferables: ArrayBuffer[]): void {
	parentPort?.postMessage(message, transferables);
}
