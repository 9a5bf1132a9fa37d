import { pino } from 'pino';
import type { Logger } from 'pino';

export type Log = Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;

/** JSON lines on standard error, so that standard output carries the ready line alone. */
export function createLog(level: string): Log {
	return pino(
		{ level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
		pino.destination({ dest: 2, sync: true }),
	);
}

/** For tests and tools that do not want any. */
export const silentLog: Log = pino({ level: 'silent' });
