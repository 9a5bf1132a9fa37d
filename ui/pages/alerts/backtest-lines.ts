import type { Rule } from '../../../collector/alerting/evaluate/rule.ts';
import type { BacktestAnswer } from '../../../schema/api-alerts.ts';
import type { Limit } from '../../charts/chart-data.ts';

type Series = BacktestAnswer['series'][number];

/** Those that fired most, and of as many firings for longest; then in the order given. */
export const loudestSeries = (series: readonly Series[], most: number): Series[] =>
	series.toSorted((a, b) => b.tally.firings - a.tally.firings || b.tally.totalMs - a.tally.totalMs).slice(0, most);

/** Thresholds of a rule as lines; what compares with a time before has none. */
export function limitsOf({ conditions }: Pick<Rule, 'conditions'>, format: (value: number) => string): Limit[] {
	return conditions.flatMap(({ severity, test }) =>
		test.kind === 'above' || test.kind === 'below'
			? [
					{
						value: test.threshold,
						label: `${severity} ${test.kind} ${format(test.threshold)}`,
						look: severity === 'page' ? ('error' as const) : ('warn' as const),
					},
				]
			: [],
	);
}
