import { STRETCH_MS } from '../stretch.ts';

/**
 * The number of the step since the epoch that a span ended in, as `step`; `stepMs` is bound. Of steps of whole stretches the times of
 * spans aren't read, which is what charts by time would otherwise mostly do.
 */
export function stepOf(stepMs: number): string {
	const endMs = stepMs % STRETCH_MS === 0 ? 'toUnixTimestamp(stretch) * 1000' : 'toUnixTimestamp64Milli(time)';
	return `toInt64(intDiv(${endMs}, {stepMs:Int64})) AS step`;
}
