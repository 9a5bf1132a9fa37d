import { setFlagsFromString } from 'node:v8';

/**
 * What each heap of V8 may grow by before it is collected, in percent of what lived in it. By itself V8 lets one grow to up to
 * four times as much (docs/adr/0075-room-for-young-objects.md).
 */
const growthPercent = 60;
/**
 * Half of what a thread has for young objects, in MiB: what a request leaves behind in one dies with it. A thread's own limits
 * don't count where the command line has said this, as it does for the event loop (docs/adr/0080-traces-that-wait-in-columns.md).
 */
const semiSpaceOfThreads = 2;

/** How heaps grow, of this thread and of those that are started afterwards; and how many young objects these have. */
export function boundHeaps(): void {
	setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
	setFlagsFromString(`--max-semi-space-size=${semiSpaceOfThreads}`);
}
