/** What is rarer in an hour is no flood, whatever it was before. */
const LEAST = 10;
const TIMES_MORE = 2;

export const HOUR_MS = 3_600_000;
/** What an issue is compared with. */
export const BASELINE_MS = 7 * 24 * HOUR_MS;

/**
 * How many occurrences in an hour are still as usual.
 * @param byHour occurrences in each hour of the baseline that had some
 */
export const usualInAnHour = (byHour: readonly (readonly [hourMs: number, count: number])[]): number =>
	Math.max(LEAST, ...byHour.map(([, count]) => TIMES_MORE * count));
