/** How long the stretches are by which spans lie in order (schema/clickhouse/0088_span_stretches.sql). */
export const STRETCH_MS = 300_000;

/**
 * The number of the step since the epoch that a span ended in, as `step`; `stepMs` is bound. Of steps of whole stretches the times of
 * spans aren't read, which is what charts by time would otherwise mostly do.
 */
export function stepOf(stepMs: number): string {
	const endMs = stepMs % STRETCH_MS === 0 ? 'toUnixTimestamp(stretch) * 1000' : 'toUnixTimestamp64Milli(time)';
	return `toInt64(intDiv(${endMs}, {stepMs:Int64})) AS step`;
}
