import type { SpanRankAnswer } from '../../schema/api-span-rank.ts';
import { formatCount } from '../lib/format.ts';

/** Fewer than this say little of how usual a duration is. */
const FEW = 20;

/** Rounded down: 99.99 % is not all of them. */
const percentOf = (ratio: number): string => {
	const percent = 100 * ratio;
	if (percent >= 99 && percent < 100) return (Math.floor(percent * 10) / 10).toFixed(1);
	return String(Math.floor(percent));
};

/** `Slower than 97 % of 12,400 GET /cart in the hour before`. */
export function rankWords({ quickerRatio, requests, spans, operation }: SpanRankAnswer): string {
	if (quickerRatio === null) return `No other ${operation} in the hour before`;
	const few = spans < FEW ? `, which are few` : '';
	const weighted = Math.round(requests) === spans ? '' : ` (${formatCount(spans)} stored)`;
	return `Slower than ${percentOf(quickerRatio)} % of ${formatCount(Math.round(requests))}${weighted} ${operation} in the hour before${few}`;
}
