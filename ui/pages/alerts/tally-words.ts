import type { BacktestAnswer, Tally } from '../../../schema/api-alerts.ts';
import { formatCount } from '../../lib/format.ts';
import { parseLength } from '../../lib/time-range.ts';
import { lasting } from './threshold-stops.ts';

/** `Would have fired 4×, 38 m in total, longest 19 m, 2 flaps`; `short` leaves the verb out. */
export function tallyInWords({ firings, totalMs, longestMs, flaps }: Tally, how: 'would' | 'short'): string {
	if (firings === 0) return how === 'would' ? 'Would not have fired' : 'never';
	const times = `${formatCount(firings)}×`;
	const flapping = flaps === 0 ? 'no flaps' : `${formatCount(flaps)} ${flaps === 1 ? 'flap' : 'flaps'}`;
	const rest = `${lasting(totalMs)} in total, longest ${lasting(longestMs)}, ${flapping}`;
	return how === 'would' ? `Would have fired ${times}, ${rest}` : `${times}, ${rest}`;
}

/** What a back-test says in the audit: `Tried on the last 7d, 3 h of it measured: would have fired 4×, …`. */
export function tallyNote(tally: Tally, past: string, { seenMs }: Pick<BacktestAnswer, 'seenMs'>): string {
	const words = tallyInWords(tally, 'would');
	const seen = seenMs < (parseLength(past) ?? 0) * 0.98 ? `, ${lasting(seenMs)} of it measured` : '';
	return `Tried on the last ${past}${seen}: ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}
