/** Tries a rule on measured series in the browser, with the evaluator of the server. */
import { replay, sumTallies, tallyOf } from '../../../collector/alerting/evaluate/backtest.ts';
import type { Measured } from '../../../collector/alerting/evaluate/evaluate.ts';
import { groupKeyOf } from '../../../collector/alerting/evaluate/rule.ts';
import type { Rule } from '../../../collector/alerting/evaluate/rule.ts';
import { warningsOf } from '../../../collector/alerting/evaluate/warnings.ts';
import type { BacktestAnswer } from '../../../schema/api-alerts.ts';

export type BacktestResult = Pick<BacktestAnswer, 'series' | 'tally' | 'warnings'>;

/** A rule that compares with a time before needs values that the answer does not carry: only the server can try it. */
export const isReplayable = (rule: Rule): boolean => rule.againstMs.length === 0;

export function replaySeries(rule: Rule, answer: BacktestAnswer): BacktestResult {
	const keyOf = (group: Readonly<Record<string, string>>) => groupKeyOf(rule.groupBy.map((name) => group[name] ?? ''));
	const groupsAt = new Map<number, Map<string, { value: number | null; requests: number; before: [] }>>();
	for (const { group, points } of answer.series) {
		const key = keyOf(group);
		for (const { tMs, value, requests } of points) {
			const groups = groupsAt.get(tMs) ?? new Map<string, { value: number | null; requests: number; before: [] }>();
			groups.set(key, { value, requests, before: [] });
			groupsAt.set(tMs, groups);
		}
	}
	const evaluations: Measured[] = [...groupsAt]
		.sort(([a], [b]) => a - b)
		.map(([tMs, groups]) => ({ kind: 'values', tMs, groups }));
	const { bands } = replay(rule, evaluations);
	const series = answer.series.map(({ group, points }) => {
		const found = bands.get(keyOf(group)) ?? [];
		const withoutData = points.filter(({ value }) => value === null).length;
		return {
			group,
			points,
			bands: found.map(({ severity, fromMs, toMs }) => ({ severity, fromMs, toMs })),
			tally: tallyOf(found, points.length, withoutData),
		};
	});
	const tally = sumTallies(series.map((one) => one.tally));
	return { series, tally, warnings: warningsOf(rule, evaluations, tally.firings) };
}
