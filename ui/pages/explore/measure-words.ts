import { durationTicks, roundTicks } from '../../charts/scale.ts';
import {
	columnOfRates,
	formatCompact,
	formatDuration,
	formatRate,
	formatRatio,
	MISSING,
	threeDigits,
} from '../../lib/format.ts';
import { MEASURE_PATTERN } from '../../../schema/alert.ts';
import type { PLAIN_MEASURES } from '../../../schema/alert.ts';
import type { SeriesAnswer } from '../../../schema/api-measures.ts';

const WORDS: Record<(typeof PLAIN_MEASURES)[number], string> = {
	requestsPerSecond: 'Rate',
	errorsPerSecond: 'Errors a second',
	errorPercent: 'Share of errors',
	p50: 'p50',
	p75: 'p75',
	p90: 'p90',
	p95: 'p95',
	p99: 'p99',
	'p99.9': 'p99.9',
	count: 'Count',
};

/** In the order in which they are offered. */
export const MEASURE_CHOICES = Object.entries(WORDS).map(([measure, word]) => ({ measure, word }));

export const apdexMeasure = (threshold: string): string => `apdex(${threshold})`;

/** Undefined for other measures. */
export const apdexThreshold = (measure: string): string | undefined =>
	MEASURE_PATTERN.test(measure) ? /^apdex\((.+)\)$/.exec(measure)?.[1] : undefined;

/** `Rate`, `p95`, `Apdex 500ms`. */
export function measureWord(measure: string): string {
	const threshold = apdexThreshold(measure);
	return threshold === undefined
		? (MEASURE_CHOICES.find((choice) => choice.measure === measure)?.word ?? measure)
		: `Apdex ${threshold}`;
}

type Unit = SeriesAnswer['unit'];

/** A value of a measure as text. */
export const FORMATS: Record<Unit, (value: number) => string> = {
	nanoseconds: formatDuration,
	percent: (value) => formatRatio(value / 100),
	perSecond: formatRate,
	count: formatCompact,
	ratio: threeDigits,
};

/** The same for a column of such values, some of which may be missing. */
export function columnOf(unit: Unit, values: readonly number[]): (value: number | undefined) => string {
	const format = unit === 'perSecond' ? columnOfRates(values) : FORMATS[unit];
	return (value) => (value === undefined ? MISSING : format(value));
}

export const ticksOf = (unit: Unit): typeof roundTicks => (unit === 'nanoseconds' ? durationTicks : roundTicks);

/** Whether values of groups add up to the whole: only then can they be stacked. */
export const addsUp = (unit: Unit): boolean => unit === 'perSecond' || unit === 'count';
