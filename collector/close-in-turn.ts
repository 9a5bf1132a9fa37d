import type { Log } from './log.ts';
import { withinTime } from './within-time.ts';

interface ClosingStep {
	/** For people who read the log. */
	what: string;
	/** Whoever stops us kills us when we take too long. Undefined: whoever asked for it waits. */
	mostMs?: number;
	close: () => Promise<unknown>;
}

/**
 * Closes one after the other. What takes too long is named in the log and left: everything survives a kill, so leaving costs no
 * more than that. Throws the first error at the end, when the others are closed too.
 */
export async function closeInTurn(steps: readonly ClosingStep[], log: Log): Promise<void> {
	const beganMs = performance.now();
	const errors: unknown[] = [];
	for (const { what, mostMs, close } of steps) {
		try {
			const closed = close().then(() => true);
			const isClosed = await (mostMs === undefined ? closed : withinTime(closed, mostMs));
			if (isClosed !== true) log.warn({ what, mostMs }, 'did not end in time and is left as after a kill');
		} catch (error) {
			errors.push(error);
		}
	}
	log.info({ tookMs: Math.round(performance.now() - beganMs) }, 'everything is closed');
	if (errors.length > 0) throw errors[0];
}
