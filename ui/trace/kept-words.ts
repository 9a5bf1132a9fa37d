import type { StatusAnswer } from '../../schema/api-status.ts';
import { formatReach } from '../lib/format.ts';

/** How long spans are kept, and how far back they do reach: the limit of the disk may come before the retention. */
export function keptWords(retention: StatusAnswer['retention'] | undefined): string {
	if (retention === undefined) return 'It may be older than spans are kept.';
	const { configured, reachMs, expectedReachMs, limitedBy } = retention;
	const isCut = limitedBy === 'disk' && expectedReachMs !== null;
	const limit = isCut ? `, but the limit of the disk allows ${formatReach(expectedReachMs)} at this rate` : '';
	const reach = reachMs === null ? '' : `; they reach back ${formatReach(reachMs)} now`;
	return `Spans are kept for ${configured}${limit}${reach}. Older ones are gone.`;
}
