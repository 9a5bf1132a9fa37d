import { extname } from 'node:path';
import { JobThread, wholeBuffers } from '../job-thread.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import { arrangeInPlace } from './arrange-trace.ts';
import type { ArrangeJob, ArrangeTrace } from './arrange-trace.ts';

/** Up to here a trace is arranged at once: about ten milliseconds, little more than the way to a thread and back. */
const IN_PLACE_SPANS = 4000;

interface ArrangePoolOptions {
	log: Log;
	/** The file that the thread runs; its own one unless a test brings another. */
	workerUrl?: URL;
}

/** Next to this file, as TypeScript in a checkout and as JavaScript in the package. */
const arrangeWorkerUrl = new URL(`./arrange-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

/** Arranges large traces one after the other in a thread. */
export class ArrangePool {
	readonly #thread: JobThread<ArrangeJob, ArrayBuffer>;

	constructor({ log, workerUrl = arrangeWorkerUrl }: ArrangePoolOptions) {
		const refuse = (reason: string) => new ProblemError(503, 'TRACE_BUSY', `${reason}; ask again`);
		const what = 'the thread that arranges large traces';
		this.#thread = new JobThread({ workerUrl, what, mostWaiting: 16, timeoutMs: 30_000, refuse, log });
	}

	/** Throws a ProblemError of 503 when too many wait or the thread is lost. The columns of a large trace are handed over. */
	readonly arrange: ArrangeTrace = async (job) =>
		job.spans.count <= IN_PLACE_SPANS ? arrangeInPlace(job) : this.#thread.run(job, wholeBuffers(columnsOf(job)));

	close(): Promise<void> {
		return this.#thread.close();
	}
}

const columnsOf = ({ spans }: ArrangeJob): ArrayBufferView[] =>
	Object.values(spans).filter((value): value is ArrayBufferView => ArrayBuffer.isView(value));
