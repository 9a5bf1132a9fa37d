import { groupKey } from './alert-words.ts';
import type { AlertSeriesAnswer, BacktestAnswer, Firing } from '../../../schema/api-alerts.ts';

const NO_TALLY = { firings: 0, totalMs: 0, longestMs: 0, flaps: 0, noDataRatio: 0 };

/** Series with the firings of their group as bands; one that goes on lasts to the end of the window. */
export function bandsOfFirings(
	series: AlertSeriesAnswer['series'],
	firings: readonly Pick<Firing, 'group' | 'severity' | 'startedMs' | 'endedMs'>[],
	toMs: number,
): BacktestAnswer['series'] {
	return series.map(({ group, points }) => {
		const own = firings.filter((firing) => groupKey(firing.group) === groupKey(group));
		const bands = own.map(({ severity, startedMs, endedMs }) => ({
			severity,
			fromMs: startedMs,
			toMs: endedMs ?? toMs,
		}));
		return { group, points, bands, tally: { ...NO_TALLY, firings: own.length } };
	});
}
