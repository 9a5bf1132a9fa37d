/**
 * Moments at which the death of the process is interesting. Tests pass a function that dies, or never answers;
 * the product passes none.
 */
export const CRASH_POINTS = [
	'before_write',
	'before_sync',
	'after_sync',
	'after_create_segment',
	'before_seal',
	'after_intent',
	'after_insert',
	'before_commit',
	'after_commit',
	'before_remove',
	'after_remove',
	'before_quarantine',
	'after_quarantine',
	'before_compact',
	'after_compact',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];
export type CrashHook = (point: CrashPoint) => Promise<void>;
