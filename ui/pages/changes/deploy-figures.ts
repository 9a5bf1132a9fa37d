import { formatDuration, formatRate, formatRatio, MISSING } from '../../lib/format.ts';
import type { DeployAnswer } from '../../../schema/api-changes.ts';
import type { Red, TimeWindow } from '../../../schema/api.ts';

export interface DeployFigure {
	name: string;
	before: number | null;
	after: number | null;
	meaning: 'worse' | 'neutral';
	format: (value: number | null) => string;
}

const rateOf = ({ requests }: Red, { fromMs, toMs }: TimeWindow): number | null =>
	toMs <= fromMs ? null : (requests * 1000) / (toMs - fromMs);
/** As the deploy's own page has it. */
const shareOf = ({ requests }: Red, share: number): number | null => (requests === 0 ? null : share);
const rateText = (perSecond: number | null): string => (perSecond === null ? MISSING : formatRate(perSecond));

/** A deploy in three figures: requests per second, the share that failed, and p95 of the service's entry spans. */
export function deployFigures({ entry, before, after }: DeployAnswer): DeployFigure[] {
	return [
		{
			name: 'Requests',
			before: rateOf(entry.before, before),
			after: rateOf(entry.after, after),
			meaning: 'neutral',
			format: rateText,
		},
		{
			name: 'Errors',
			before: shareOf(entry.before, entry.errors.before),
			after: shareOf(entry.after, entry.errors.after),
			meaning: 'worse',
			format: formatRatio,
		},
		{
			name: 'p95',
			before: entry.before.p95Nano,
			after: entry.after.p95Nano,
			meaning: 'worse',
			format: formatDuration,
		},
	];
}
