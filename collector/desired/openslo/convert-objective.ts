import { API_VERSION } from '../../../schema/alert.ts';
import type { Severity } from '../../../schema/alert.ts';
import type { ConditionSpec, IndicatorSpec, Metric, OpenObjective, OpenSloOf, PolicySpec } from './openslo-schema.ts';

/** What an objective refers to, by name. */
export interface OpenSloNames {
	indicators: ReadonlyMap<string, IndicatorSpec>;
	/** Types of data sources. */
	sources: ReadonlyMap<string, string>;
	policies: ReadonlyMap<string, PolicySpec>;
	conditions: ReadonlyMap<string, ConditionSpec>;
	targets: ReadonlySet<string>;
}

/** Why something can't be taken over, and where it stands within the SLO. */
export class NotUnderstood extends Error {
	override readonly name = 'NotUnderstood';
	readonly path: readonly PropertyKey[];
	readonly expected: string;
	constructor(path: readonly PropertyKey[], expected: string) {
		super(expected);
		this.path = path;
		this.expected = expected;
	}
}

/** One of our objectives as it would be written, for each of theirs. Throws NotUnderstood. */
export function convertObjectives(slo: OpenSloOf<'SLO'>, names: OpenSloNames): unknown[] {
	const { metadata, spec } = slo;
	const window = windowOf(slo);
	const alerting = alertingOf(slo, names);
	return spec.objectives.map((objective, index) => ({
		apiVersion: API_VERSION,
		kind: 'SLO',
		metadata: {
			name: spec.objectives.length === 1 ? metadata.name : `${metadata.name}/${index + 1}`,
			labels: labelsOf(slo),
			annotations: annotationsOf(slo, objective),
		},
		spec: {
			...queriesOf(slo, objective, index, names),
			targetPercent: targetOf(objective, index),
			window,
			...sliceOf(slo, objective, index),
			...alerting,
		},
	}));
}

function labelsOf({ metadata, spec }: OpenSloOf<'SLO'>): Record<string, string> {
	const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => [
		key,
		Array.isArray(value) ? value.join(',') : value,
	]);
	return { service: spec.service, ...(Object.fromEntries(labels) as Record<string, string>) };
}

function annotationsOf({ metadata, spec }: OpenSloOf<'SLO'>, { displayName }: OpenObjective): Record<string, string> {
	const title = [metadata.displayName, displayName].filter((part) => part !== undefined).join(': ');
	return {
		...metadata.annotations,
		...(title === '' ? {} : { title }),
		...(spec.description === undefined ? {} : { description: spec.description }),
	};
}

function targetOf({ target, targetPercent }: OpenObjective, index: number): number {
	const at = ['spec', 'objectives', index];
	if ((target === undefined) === (targetPercent === undefined)) throw new NotUnderstood(at, 'target or targetPercent');
	// 0.9995 * 100 is not 99.95.
	return targetPercent ?? Number(((target ?? 0) * 100).toFixed(9));
}

const daysOf: Record<string, number> = { d: 1, w: 7, M: 30, Q: 90, Y: 365 };

/** Days for anything longer than one; a rolling month is 30 of them. */
export const durationOf = (shorthand: string): string => {
	const [amount, unit] = [shorthand.slice(0, -1), shorthand.slice(-1)];
	const days = daysOf[unit];
	return days === undefined ? shorthand : `${Number(amount) * days}d`;
};

function windowOf({ spec }: OpenSloOf<'SLO'>) {
	const at = ['spec', 'timeWindow', 0];
	const [{ duration, isRolling, calendar } = { duration: '' }] = spec.timeWindow;
	if (calendar === undefined && isRolling === false) throw new NotUnderstood(at, 'a calendar, or isRolling: true');
	if (calendar === undefined) return { duration: durationOf(duration), rolling: true };
	if (isRolling === true) throw new NotUnderstood([...at, 'isRolling'], 'false, as there is a calendar');
	const start = startsAt[duration];
	if (start === undefined)
		throw new NotUnderstood([...at, 'duration'], '1d, 1w or 1M with a calendar: m is minutes, M months');
	if (!start.fits(calendar.startTime)) throw new NotUnderstood([...at, 'calendar', 'startTime'], start.expected);
	return { duration: durationOf(duration), rolling: false, timeZone: calendar.timeZone };
}

const isMidnight = (time: string): boolean => time.endsWith(' 00:00:00');
const startsAt: Record<string, { fits(time: string): boolean; expected: string }> = {
	'1d': { fits: isMidnight, expected: 'midnight' },
	'1w': {
		fits: (time) => isMidnight(time) && new Date(`${time.slice(0, 10)}T00:00:00Z`).getUTCDay() === 1,
		expected: 'midnight of a Monday',
	},
	'1M': {
		fits: (time) => isMidnight(time) && time.slice(8, 10) === '01',
		expected: 'midnight of the first of a month',
	},
};

function sliceOf({ spec }: OpenSloOf<'SLO'>, objective: OpenObjective, index: number) {
	if (spec.budgetingMethod === 'Occurrences') return {};
	const { timeSliceTarget, timeSliceWindow } = objective;
	const at = ['spec', 'objectives', index];
	const isAverage = spec.budgetingMethod === 'RatioTimeslices';
	if (isAverage && timeSliceTarget !== undefined)
		throw new NotUnderstood([...at, 'timeSliceTarget'], 'none: with RatioTimeslices every slice counts by its ratio');
	if (!isAverage && timeSliceTarget === undefined)
		throw new NotUnderstood([...at, 'timeSliceTarget'], 'a share from 0 to 1');
	if (timeSliceWindow === undefined) throw new NotUnderstood([...at, 'timeSliceWindow'], 'minutes, or such as 1m');
	const window = typeof timeSliceWindow === 'number' ? `${timeSliceWindow}m` : durationOf(timeSliceWindow);
	if (timeSliceTarget === undefined) return { timeSlice: { window } };
	return { timeSlice: { window, targetPercent: Number((timeSliceTarget * 100).toFixed(9)) } };
}

/** Where the indicator stands: within the SLO, or at the name that refers to it. */
function indicatorOf({ spec }: OpenSloOf<'SLO'>, { indicators }: OpenSloNames) {
	const { indicator, indicatorRef } = spec;
	if ((indicator === undefined) === (indicatorRef === undefined))
		throw new NotUnderstood(['spec'], 'indicator or indicatorRef');
	if (indicator !== undefined) return { sli: indicator.spec, at: ['spec', 'indicator', 'spec'], isInline: true };
	const sli = indicators.get(indicatorRef ?? '');
	if (sli === undefined) throw new NotUnderstood(['spec', 'indicatorRef'], 'the name of an SLI in the same folder');
	return { sli, at: ['spec', 'indicatorRef'], isInline: false };
}

function queriesOf(slo: OpenSloOf<'SLO'>, objective: OpenObjective, index: number, names: OpenSloNames) {
	const { sli, at, isInline } = indicatorOf(slo, names);
	const within = (...steps: string[]) => (isInline ? [...at, ...steps] : at);
	const { ratioMetric, thresholdMetric } = sli;
	if ((ratioMetric === undefined) === (thresholdMetric === undefined))
		throw new NotUnderstood(at, 'ratioMetric or thresholdMetric');
	if (thresholdMetric !== undefined) {
		const total = queryOf(thresholdMetric, within('thresholdMetric'), names);
		return { total, good: fastEnough(thresholdMetric, objective, index, within('thresholdMetric')) };
	}
	const { good, bad, total, raw } = ratioMetric ?? {};
	if (raw !== undefined)
		throw new NotUnderstood(within('ratioMetric', 'raw'), 'good or bad of total: there are no stored ratios');
	if (total === undefined) throw new NotUnderstood(within('ratioMetric'), 'total');
	if ((good === undefined) === (bad === undefined))
		throw new NotUnderstood(within('ratioMetric'), 'either good or bad');
	const all = queryOf(total, within('ratioMetric', 'total'), names);
	if (good !== undefined) return { total: all, good: queryOf(good, within('ratioMetric', 'good'), names) };
	const wrong = bad === undefined ? '' : queryOf(bad, within('ratioMetric', 'bad'), names);
	return { total: all, good: `NOT (${wrong})` };
}

function queryOf({ metricSource }: Metric, at: readonly PropertyKey[], { sources }: OpenSloNames): string {
	const { type, metricSourceRef, spec } = metricSource;
	const place = [...at, 'metricSource'];
	const known = type ?? sources.get(metricSourceRef ?? '');
	if (known?.toLowerCase() !== 'spanhouse')
		throw new NotUnderstood([...place, 'type'], 'spanhouse: spans are the only source of data here');
	const query = spec?.['query'];
	if (typeof query !== 'string') throw new NotUnderstood([...place, 'spec', 'query'], 'a query in the search language');
	return query;
}

const comparisons = { lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;

/** What is measured by a threshold is the duration of spans; OpenSLO has no units, so the source has to say one. */
function fastEnough(
	{ metricSource }: Metric,
	{ op, value }: OpenObjective,
	index: number,
	at: readonly PropertyKey[],
): string {
	const unit = metricSource.spec?.['unit'];
	if (unit !== 'ms' && unit !== 's' && unit !== 'us')
		throw new NotUnderstood([...at, 'metricSource', 'spec', 'unit'], 'the unit of value: ms, s or us of the duration');
	if (op === undefined || value === undefined)
		throw new NotUnderstood(['spec', 'objectives', index], 'op and value, as the indicator is a thresholdMetric');
	return `duration${comparisons[op]}${value}${unit}`;
}

/** Without policies, burn rates are derived from the window; with them they are exactly those. */
function alertingOf({ spec }: OpenSloOf<'SLO'>, names: OpenSloNames) {
	const policies = spec.alertPolicies ?? [];
	if (policies.length === 0) return {};
	const found = policies.map((policy, index) => {
		const at = ['spec', 'alertPolicies', index];
		const known = policy.spec ?? names.policies.get(policy.alertPolicyRef ?? '');
		if (known === undefined) throw new NotUnderstood(at, 'an AlertPolicy, or the name of one in the same folder');
		return { burnRate: burnRateOf(known, at, names), notify: targetsOf(known, at, names) };
	});
	return {
		burnRates: found.map(({ burnRate }) => burnRate),
		notify: [...new Set(found.flatMap(({ notify }) => notify))],
	};
}

function burnRateOf(policy: PolicySpec, at: readonly PropertyKey[], { conditions }: OpenSloNames) {
	if (policy.alertWhenNoData) throw new NotUnderstood(at, 'alertWhenNoData: false: without events no budget is spent');
	if (!policy.alertWhenBreaching) throw new NotUnderstood(at, 'alertWhenBreaching: true');
	const [written] = policy.conditions;
	const condition = written?.spec ?? conditions.get(written?.conditionRef ?? '');
	if (condition === undefined) throw new NotUnderstood(at, 'an AlertCondition, or the name of one in the same folder');
	const { op, threshold, lookbackWindow, alertAfter } = condition.condition;
	if (op !== 'gt' && op !== 'gte')
		throw new NotUnderstood(at, 'a condition with op gt or gte: burning little is no alert');
	const window = durationOf(lookbackWindow);
	return {
		severity: severityOf(condition.severity, at),
		long: window,
		short: window,
		rate: threshold,
		...(/^0+[a-zA-Z]$/.test(alertAfter) ? {} : { for: durationOf(alertAfter) }),
	};
}

const severities: Record<string, Severity> = {
	page: 'page',
	critical: 'page',
	ticket: 'ticket',
	warning: 'ticket',
};

function severityOf(severity: string, at: readonly PropertyKey[]): Severity {
	const known = severities[severity.toLowerCase()];
	if (known === undefined)
		throw new NotUnderstood(at, 'a condition with severity page (or critical) or ticket (or warning)');
	return known;
}

/** A target says no address: the channel of its name does. */
function targetsOf(policy: PolicySpec, at: readonly PropertyKey[], { targets }: OpenSloNames): string[] {
	return policy.notificationTargets.map(({ targetRef, metadata }) => {
		const name = metadata?.name ?? targetRef;
		if (name === undefined || (metadata === undefined && !targets.has(name)))
			throw new NotUnderstood(at, 'an AlertNotificationTarget, or the name of one in the same folder');
		return name;
	});
}
