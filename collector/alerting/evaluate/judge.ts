import type { Verdict } from './condition-state.ts';
import type { Rule, Test } from './rule.ts';

/** What was measured of a group over one window. */
export interface Sample {
	/** In the unit of the rule; null where there was nothing to measure. */
	value: number | null;
	requests: number;
	/** What the tests compare with: values of earlier windows, or burn rates. */
	before: readonly (number | null)[];
}

/** What a test says of a sample. */
export function judge(test: Test, sample: Sample, rule: Pick<Rule, 'minRequests' | 'noData'>): Verdict {
	if (test.kind === 'burn') return judgeBurn(test, sample);
	const { value } = sample;
	if (value === null) return withoutData[rule.noData];
	// Three slow requests at night are no outage, and no reason to go on firing.
	if (sample.requests < rule.minRequests) return 'recovered';
	if (test.kind === 'change') return judgeChange(test.threshold, value, sample.before[test.before] ?? null);
	return judgeThreshold(test, value);
}

type Threshold = Extract<Test, { kind: 'above' | 'below' }>;

/** At the recovery threshold itself it has not recovered, at the only threshold it has. */
function judgeThreshold({ kind, threshold, recover }: Threshold, value: number): Verdict {
	const sign = kind === 'above' ? 1 : -1;
	if (sign * value > sign * threshold) return 'violates';
	return recover === threshold || sign * value < sign * recover ? 'recovered' : 'calm';
}

const withoutData = { keep: 'unknown', ok: 'recovered', fire: 'violates' } as const;

function judgeChange(threshold: number, value: number, before: number | null): Verdict {
	const changed = changePercent(value, before);
	if (changed === null) return 'unknown';
	const violates = threshold > 0 ? changed > threshold : changed < threshold;
	return violates ? 'violates' : 'recovered';
}

/** Null where there was nothing before: any change of nothing is without measure. */
export const changePercent = (value: number, before: number | null): number | null =>
	before === null || before === 0 ? null : (100 * (value - before)) / before;

function judgeBurn(test: Extract<Test, { kind: 'burn' }>, sample: Sample): Verdict {
	const rate = slowestBurn(test, sample);
	return rate !== null && rate > test.threshold ? 'violates' : 'recovered';
}

/** Both windows have to burn: the slower decides. Null where one of them has nothing to measure. */
function slowestBurn({ before }: Extract<Test, { kind: 'burn' }>, sample: Sample): number | null {
	const [long = null, short = null] = sample.before.slice(before, before + 2);
	return long === null || short === null ? null : Math.min(long, short);
}

/** What is shown beside the threshold: the value, or what the test made of it. */
export function judgedValue(test: Test, sample: Sample): number | null {
	if (test.kind === 'burn') return slowestBurn(test, sample);
	const { value, before } = sample;
	return test.kind === 'change' && value !== null ? changePercent(value, before[test.before] ?? null) : value;
}
