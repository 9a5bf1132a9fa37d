/** Where the thumbs of the duration slider can stand: 1, 2, 5 and so on from a millisecond to a minute, and the open ends. */
import { parseDuration } from '../../../schema/query-value.ts';

export const DURATION_STOPS = [
	'1ms', '2ms', '5ms', '10ms', '20ms', '50ms', '100ms', '200ms', '500ms', '1s', '2s', '5s', '10s', '20s', '30s', '1m',
] as const; // prettier-ignore

const NANOS = DURATION_STOPS.map((stop) => Number(parseDuration(stop)));
/** Stand for no bound, at either end. */
export const FIRST = 0;
export const LAST = DURATION_STOPS.length + 1;

/** The stop that is next to a bound, on a logarithmic scale; `open` where there is none or it is no duration. */
export function stopOf(text: string, open: number): number {
	const nano = Number(parseDuration(text) ?? -1n);
	if (nano <= 0) return nano === 0 ? FIRST : open;
	const distances = NANOS.map((stop) => Math.abs(Math.log(nano / stop)));
	return 1 + distances.indexOf(Math.min(...distances));
}

/** A bound as it is written in the query; empty at the open ends. */
export const boundOf = (stop: number): string => DURATION_STOPS[stop - 1] ?? '';
