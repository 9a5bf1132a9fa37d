/**
 * Moments at which the death of the process is interesting. Tests pass a function that dies, or never answers;
 * the product passes none.
 */
export const OUTBOX_CRASH_POINTS = [
	'before_write',
	'before_sync',
	'after_sync',
	'before_compact',
	'after_compact',
	'after_planned',
	'before_send',
	'after_send',
	'after_outcome',
] as const;
type OutboxCrashPoint = (typeof OUTBOX_CRASH_POINTS)[number];
export type OutboxCrashHook = (point: OutboxCrashPoint) => Promise<void>;
