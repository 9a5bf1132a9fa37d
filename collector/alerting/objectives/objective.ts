/** An objective as numbers. */
import type { DocumentOf } from '../../../schema/desired-state.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { durationMs } from '../evaluate/quantity.ts';
import type { Condition, Rule } from '../evaluate/rule.ts';
import type { RuleProblem } from '../evaluate/rule-of-document.ts';
import { burnRatesFor } from './burn-rates.ts';
import type { BurnRate } from './burn-rates.ts';
import { calendarUnitOf, isTimeZone, periodAround } from './calendar.ts';
import type { CalendarUnit, Period } from './calendar.ts';
import type { Slice } from './minute-counts.ts';

export interface Objective {
	/** From 0 to 1. */
	targetRatio: number;
	windowMs: number;
	/** Undefined: the window rolls. */
	calendar: { unit: CalendarUnit; timeZone: string } | undefined;
	minBadEvents: number;
	/** Slices of time are counted in place of events. */
	slice: Slice | undefined;
	burnRates: readonly BurnRate[];
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
const longestWindowMs = 90 * dayMs;

export function objectiveOf({
	spec,
}: DocumentOf<'SLO'>): { kind: 'objective'; objective: Objective } | { kind: 'problems'; problems: RuleProblem[] } {
	const problems: RuleProblem[] = [];
	const minutes = (text: string, path: string, mostMs: number): number => {
		const ms = durationMs(text) ?? 0;
		if (ms >= minuteMs && ms % minuteMs === 0 && ms <= mostMs) return ms;
		problems.push({ path, message: `${text}: expected whole minutes, at most ${mostMs / dayMs}d` });
		return minuteMs;
	};
	const windowMs = minutes(spec.window.duration, 'spec.window.duration', longestWindowMs);
	for (const name of ['total', 'good'] as const) {
		const query = parseQuery(spec[name]);
		if (query.kind === 'error') problems.push({ path: `spec.${name}`, message: query.message });
	}
	const calendar = calendarOf(spec.window, windowMs, problems);
	const slice =
		spec.timeSlice === undefined
			? undefined
			: {
					ms: minutes(spec.timeSlice.window, 'spec.timeSlice.window', dayMs),
					targetRatio: spec.timeSlice.targetPercent === undefined ? undefined : spec.timeSlice.targetPercent / 100,
				};
	const burnRates =
		spec.burnRates?.map(({ severity, long, short, rate, for: hold }, index) => ({
			severity,
			rate,
			longMs: minutes(long, `spec.burnRates.${index}.long`, windowMs),
			shortMs: minutes(short, `spec.burnRates.${index}.short`, windowMs),
			...(hold === undefined ? {} : { forMs: minutes(hold, `spec.burnRates.${index}.for`, windowMs) }),
		})) ?? burnRatesFor(windowMs);
	if (problems.length > 0) return { kind: 'problems', problems };
	const { minBadEvents } = spec;
	const targetRatio = spec.targetPercent / 100;
	return { kind: 'objective', objective: { targetRatio, windowMs, calendar, minBadEvents, slice, burnRates } };
}

function calendarOf(
	{ rolling, timeZone, duration }: DocumentOf<'SLO'>['spec']['window'],
	windowMs: number,
	problems: RuleProblem[],
): Objective['calendar'] {
	if (rolling) return undefined;
	const unit = calendarUnitOf(windowMs);
	if (unit === undefined) {
		const message = `${duration}: expected 1d, 7d or a month of 28d to 31d, or rolling: true`;
		problems.push({ path: 'spec.window.duration', message });
	}
	if (!isTimeZone(timeZone)) problems.push({ path: 'spec.window.timeZone', message: `${timeZone}: no such time zone` });
	return { unit: unit ?? 'day', timeZone };
}

/** What the budget is of at a moment: the time before it, or the calendar's period, whose rest is to come. */
export const windowAt = ({ calendar, windowMs }: Objective, tMs: number): Period =>
	calendar === undefined
		? { fromMs: tMs - windowMs, toMs: tMs }
		: periodAround(tMs - 1, calendar.unit, calendar.timeZone);

/** Its burn rates as conditions that the evaluator judges: a sample has the burn over the long and the short window of each. */
export function ruleOfObjective({ burnRates }: Objective): Rule {
	const conditions = burnRates.map(({ severity, longMs, rate, forMs }, index): Condition => {
		const number = burnRates.slice(0, index + 1).filter((other) => other.severity === severity).length;
		return {
			key: number === 1 ? severity : `${severity} ${number}`,
			severity,
			test: { kind: 'burn', threshold: rate, before: 2 * index, longMs },
			hold: forMs === undefined ? { kind: 'count', needed: 1, of: 1 } : { kind: 'time', ms: forMs },
		};
	});
	return {
		windowMs: Math.max(minuteMs, ...burnRates.map(({ longMs }) => longMs)),
		everyMs: minuteMs,
		groupBy: [],
		measure: 'burn rate',
		unit: 'ratio',
		conditions,
		overrides: [],
		minRequests: 0,
		noData: 'keep',
		againstMs: [],
	};
}
