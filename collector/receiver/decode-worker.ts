import { parentPort } from 'node:worker_threads';
import { transferablesOf } from '../pipeline/transferables.ts';
import { DecodeError } from './decode-error.ts';
import type { DecodeJob, DecodeAnswer } from './decode-pool.ts';
import { TraceReader } from './read-traces.ts';

const reader = new TraceReader();

/** Decodes one large body at a time away from the thread that serves requests. */
parentPort?.on('message', ({ body, encoding, context }: DecodeJob) => {
	try {
		const read = reader.read(body, encoding, context);
		answer({ kind: 'read', read }, transferablesOf(read.block));
	} catch (error) {
		// Anything else ends the thread: the pool tells the client to come again, and starts a new one.
		if (!(error instanceof DecodeError)) throw error;
		answer({ kind: 'damaged', message: error.message, where: error.where }, []);
	}
});

function answer(message: DecodeAnswer, transferables: ArrayBuffer[]): void {
	parentPort?.postMessage(message, transferables);
}
