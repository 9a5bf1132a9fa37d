import type { Unit } from '../../../schema/api-alerts.ts';
import { replay } from './backtest.ts';
import type { Measured } from './evaluate.ts';
import type { Rule, Test } from './rule.ts';

const weekMs = 7 * 86_400_000;
/** Less has seen no night, or no day. */
export const LEAST_SEEN_MS: number = 24 * 3_600_000;
/** A rule that fires for longer describes the usual state of things. */
const mostFiringShare = 0.05;
const mantissas = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
const maxCandidates = 60;

/**
 * Round thresholds between the middle of the values and their outermost, the most sensitive first: ascending for `above`,
 * descending for `below`. Empty where the first condition compares with neither, or less than a day has values.
 */
export function thresholdCandidates(rule: Rule, evaluations: readonly Measured[]): number[] {
	const kind = rule.conditions[0]?.test.kind;
	if ((kind !== 'above' && kind !== 'below') || seenMs(rule, evaluations) < LEAST_SEEN_MS) return [];
	const values = valuesOf(evaluations).sort((a, b) => a - b);
	const [middle, first, last] = [values[values.length >> 1] ?? 0, values[0] ?? 0, values.at(-1) ?? 0];
	const candidates =
		kind === 'above' ? roundNumbers(middle, last, rule.unit) : roundNumbers(first, middle, rule.unit).reverse();
	return candidates.slice(0, maxCandidates);
}

/** Whether the first condition alone, at this threshold, fires at most once a week, and not for long. */
export function isQuiet(rule: Rule, threshold: number, evaluations: readonly Measured[]): boolean {
	const [condition] = rule.conditions;
	if (condition === undefined) return false;
	const tried: Rule = {
		...rule,
		overrides: [],
		conditions: [{ ...condition, test: withThreshold(condition.test, threshold) }],
	};
	const coveredMs = Math.max(weekMs, evaluations.length * rule.everyMs);
	const allowed = coveredMs / weekMs;
	let firings = 0;
	const { bands } = replay(tried, evaluations, ({ kind }) => kind !== 'fired' || ++firings <= allowed);
	if (firings > allowed) return false;
	const firingMs = [...bands.values()].flat().reduce((total, { fromMs, toMs }) => total + toMs - fromMs, 0);
	return firingMs <= mostFiringShare * evaluations.length * rule.everyMs * Math.max(1, bands.size);
}

function withThreshold(test: Test, threshold: number): Test {
	if (test.kind === 'change' || test.kind === 'burn') return { ...test, threshold };
	const share = test.threshold === 0 ? 1 : test.recover / test.threshold;
	return { ...test, threshold, recover: share * threshold };
}

/** How long there were values. */
export const seenMs = (rule: Pick<Rule, 'everyMs'>, evaluations: readonly Measured[]): number =>
	evaluations.filter(hasValue).length * rule.everyMs;

function hasValue(measured: Measured): boolean {
	if (measured.kind !== 'values') return false;
	for (const { value } of measured.groups.values()) if (value !== null) return true;
	return false;
}

function valuesOf(evaluations: readonly Measured[]): number[] {
	const values: number[] = [];
	for (const measured of evaluations) {
		if (measured.kind !== 'values') continue;
		for (const { value } of measured.groups.values()) if (value !== null) values.push(value);
	}
	return values;
}

/** From the one at or below `from` to the one at or above `to`, ascending. */
function roundNumbers(from: number, to: number, unit: Unit): number[] {
	const least = unit === 'nanoseconds' ? 1_000 : 0.001;
	const numbers: number[] = [];
	let power = 10 ** Math.floor(Math.log10(Math.max(from, least)));
	for (let decade = 0; decade < 16; decade += 1, power *= 10) {
		for (const mantissa of mantissas) {
			const number = Number((mantissa * power).toPrecision(3));
			if (number < from && number * 1.5 < from) continue;
			numbers.push(number);
			if (number >= to) return unit === 'percent' || unit === 'ratio' ? numbers.filter(fitsShare(unit)) : numbers;
		}
	}
	return numbers;
}

const fitsShare =
	(unit: Unit) =>
	(number: number): boolean =>
		number <= (unit === 'percent' ? 100 : 1);
