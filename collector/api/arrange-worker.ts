import { parentPort } from 'node:worker_threads';
import { arrangeInPlace } from './arrange-trace.ts';
import type { ArrangeJob } from './arrange-trace.ts';

/** Arranges one large trace at a time away from the thread that serves requests. Whatever is thrown ends the thread. */
parentPort?.on('message', (job: ArrangeJob) => {
	const body = arrangeInPlace(job);
	parentPort?.postMessage(body, [body]);
});
