import { MEASURE_PATTERN } from '../../../schema/alert.ts';
import { choiceParameter, textParameter } from '../../lib/query-state.ts';
import type { Parameter } from '../../lib/query-state.ts';

export const GROUP_COUNTS = ['5', '10', '20', '50'] as const;
/** More would be a name that nobody reads. */
export const MOST_KEYS = 3;

export const measureParameter = (fallback: string): Parameter<string> => ({
	fallback,
	decode: (text) => (MEASURE_PATTERN.test(text) ? text : undefined),
	encode: (value) => (value === fallback ? null : value),
});

export const exploreQuery = {
	q: textParameter(),
	measure: measureParameter('requestsPerSecond'),
	/** Keys parted by commas. */
	by: textParameter('service'),
	spans: choiceParameter(['entry', 'all'], 'entry'),
	groups: choiceParameter(GROUP_COUNTS, '10'),
	shape: choiceParameter(['lines', 'stack'], 'lines'),
};
