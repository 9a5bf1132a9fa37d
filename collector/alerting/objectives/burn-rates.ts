/** How fast a budget may go before somebody is told. Pure. */
import type { Severity } from '../../../schema/alert.ts';

export interface BurnRate {
	severity: Severity;
	longMs: number;
	shortMs: number;
	/** Times the pace at which the budget lasts just to the end of the window. */
	rate: number;
	/** How long both windows have to burn that fast; undefined: once is enough. */
	forMs?: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** The window for which the table below is written. */
const tableWindowMs = 30 * dayMs;

/**
 * 2 % of the budget in an hour, 5 % in six, 10 % in three days, each confirmed by a twelfth of that time.
 * Source: The Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts", table 5-8.
 */
const table: readonly BurnRate[] = [
	{ severity: 'page', longMs: hourMs, shortMs: 5 * minuteMs, rate: 14.4 },
	{ severity: 'page', longMs: 6 * hourMs, shortMs: 30 * minuteMs, rate: 6 },
	{ severity: 'ticket', longMs: 3 * dayMs, shortMs: 6 * hourMs, rate: 1 },
];

const wholeMinutes = (ms: number): number => Math.max(minuteMs, Math.round(ms / minuteMs) * minuteMs);

/** For a window of another length the times are scaled with it: the shares of the budget and the rates stay. */
export function burnRatesFor(windowMs: number): BurnRate[] {
	const scale = windowMs / tableWindowMs;
	return table.map(({ severity, longMs, shortMs, rate }) => ({
		severity,
		longMs: wholeMinutes(longMs * scale),
		shortMs: wholeMinutes(shortMs * scale),
		rate,
	}));
}

/** Good and all events of some time. */
export interface EventCounts {
	good: number;
	total: number;
}

/** 1: the budget lasts just to the end of the window. Null without events. */
export const burnOf = ({ good, total }: EventCounts, targetRatio: number): number | null =>
	total === 0 ? null : (total - good) / total / (1 - targetRatio);

/** Of the whole budget; negative when more is spent than there was. 1 without events. `expectedTotal` of the whole window. */
export function budgetLeft({ good, total }: EventCounts, targetRatio: number, expectedTotal = total): number {
	if (total === 0) return 1;
	return 1 - (total - good) / (expectedTotal * (1 - targetRatio));
}

/** What stands in the way of an alert on these rates. */
export function burnWarnings(rates: readonly BurnRate[], targetRatio: number): string[] {
	const most = 1 / (1 - targetRatio);
	return rates
		.filter(({ rate }) => rate >= most)
		.map(
			({ severity, rate }) =>
				`The ${severity} at ${rate} times the budget can never fire: at this target an outage of everything burns ${Number(most.toPrecision(3))} times.`,
		);
}

/** Where a single bad event would be enough: there is so little traffic. `perHour`: events of an hour. */
export function lowTrafficWarnings(
	rates: readonly BurnRate[],
	targetRatio: number,
	perHour: number,
	minBadEvents: number,
): string[] {
	if (perHour === 0) return [];
	return rates.flatMap(({ severity, longMs, rate }) => {
		const events = (perHour * longMs) / hourMs;
		const enough = Math.max(minBadEvents, Math.floor(events * rate * (1 - targetRatio)) + 1);
		if (enough > events) {
			return [
				`The ${severity} at ${rate} times the budget can hardly fire: about ${Math.round(events)} events come in its window, and it takes ${enough} bad ones. Count slices of time instead.`,
			];
		}
		return enough <= 1
			? [`The ${severity} at ${rate} times the budget fires on one bad event. Count slices of time instead.`]
			: [];
	});
}
