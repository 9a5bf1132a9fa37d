import type { Random } from '../random.ts';

/** How busy the shop is at a part of its day, 0 to 1: quiet at both ends, twice the average and more at noon's peak. */
const busyness = (partOfDay: number): number => 1 - 0.7 * Math.cos(2 * Math.PI * partOfDay);

/** People arrive independently of each other: the time to the next is exponentially distributed. */
export function nextArrivalMs(ratePerSecond: number, partOfDay: number, random: Random): number {
	return (-Math.log(1 - random.next()) / (ratePerSecond * busyness(partOfDay))) * 1_000;
}
