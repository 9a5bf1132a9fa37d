import { PressureError } from './batch-sink.ts';

/** Waits between tries, doubled from the first to the last. */
export interface BackOff {
	first: number;
	last: number;
	/** The shortest after the sink was under pressure. */
	pressure: number;
}

/**
 * How long to wait before the next try after `failure`, the `attempt`-th in a row from 0. `chance`, from 0 to 1, is so that many don't
 * all come back at once.
 */
export function backOffMs(failure: unknown, attempt: number, backOff: BackOff, chance: number): number {
	const usual = Math.min(backOff.last, backOff.first * 2 ** Math.min(attempt, 20)) * (0.75 + chance / 2);
	return failure instanceof PressureError ? Math.max(usual, backOff.pressure * (1 + chance / 4)) : usual;
}
