/** Durations, percentages and numbers as rules write them. */
import type { Unit } from '../../../schema/api-alerts.ts';
import { parseDuration } from '../../../schema/query-value.ts';

/** Milliseconds of `5m` or `1h30m`; undefined where the text is no duration. */
export function durationMs(text: string): number | undefined {
	const nano = parseDuration(text);
	return nano === undefined ? undefined : Number(nano) / 1e6;
}

/** The number of `+50%`; undefined where the text is no percentage. */
export const percentOf = (text: string): number | undefined =>
	/^[+-]?\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) : undefined;

const expectations: Record<Unit, string> = {
	nanoseconds: 'a duration with its unit, such as 800ms',
	percent: 'a percentage, such as 5%',
	perSecond: 'a number of events per second, such as 10',
	count: 'a number, such as 100',
	ratio: 'a number from 0 to 1, such as 0.9',
};

/** A threshold in the unit of its measure, or what was expected instead. */
export function thresholdOf(written: string | number, unit: Unit): number | { expected: string } {
	const value = typeof written === 'number' ? bareNumber(written, unit) : withUnit(written, unit);
	return value === undefined ? { expected: expectations[unit] } : value;
}

function bareNumber(value: number, unit: Unit): number | undefined {
	if (!Number.isFinite(value) || unit === 'nanoseconds' || unit === 'percent') return undefined;
	return unit === 'ratio' && (value < 0 || value > 1) ? undefined : value;
}

function withUnit(text: string, unit: Unit): number | undefined {
	if (unit === 'nanoseconds') {
		const nano = parseDuration(text);
		return nano === undefined ? undefined : Number(nano);
	}
	return unit === 'percent' ? percentOf(text) : undefined;
}
