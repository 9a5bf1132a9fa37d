import { ProblemError } from '../problem.ts';

/** Full: it waits for the store. Unavailable: it can't be written, or is closing. */
export type RefusalCode = 'SPOOL_FULL' | 'SPOOL_UNAVAILABLE';

/** The spool can't take a request now: nothing of it was kept, and it is welcome again after `retryAfterMs`. */
export class SpoolRefusal extends ProblemError {
	override readonly name = 'SpoolRefusal';

	constructor(code: RefusalCode, detail: string, retryAfterMs: number) {
		super(503, code, detail, { retryAfterMs });
	}
}
