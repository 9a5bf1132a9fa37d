/** Moments of a transition at which the death of the process is interesting. Tests pass a function that dies; the product none. */
export const ALERT_CRASH_POINTS = [
	'before_evaluations',
	'after_evaluations',
	'before_events',
	'after_events',
	'after_publish',
	'after_states',
] as const;
export type AlertCrashPoint = (typeof ALERT_CRASH_POINTS)[number];
export type AlertCrashHook = (point: AlertCrashPoint) => Promise<void>;
