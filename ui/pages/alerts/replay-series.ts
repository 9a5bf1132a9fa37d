/** Tries a rule on measured series in the browser, with the evaluator of the server. */
import { replay, sumTallies, tallyOf } from '../../../collector/alerting/evaluate/backtest.ts';
import type { Measured } from '../../../collector/alerting/evaluate/evaluate.ts';
import type { Sample } from '../../../collector/alerting/evaluate/judge.ts';
import { groupKeyOf } from '../../../collector/alerting/evaluate/rule.ts';
import type { Rule } from '../../../collector/alerting/evaluate/rule.ts';
import { warningsOf } from '../../../collector/alerting/evaluate/warnings.ts';
import type { BacktestAnswer } from '../../../schema/api-alerts.ts';

export type BacktestResult = Pick<BacktestAnswer, 'series' | 'tally' | 'warnings'>;

/** The server shows so many groups; of more, it alone can try the rule. */
const MOST_GROUPS = 100;

/** A rule that compares with a time before needs values that the answer does not carry: only the server can try it. */
export const isReplayable = (rule: Rule): boolean => rule.againstMs.length === 0;

/** Whether an answer has every evaluation of every group. Long ones are thinned: good for drawing, not for judging. */
export function isWhole({ series, everyMs }: Pick<BacktestAnswer, 'series' | 'everyMs'>): boolean {
	return (
		series.length < MOST_GROUPS &&
		series.every(({ points }) => points.every(({ tMs }, i) => i === 0 || tMs - (points[i - 1]?.tMs ?? 0) === everyMs))
	);
}

/** What the server would answer for a rule that measures the same; `answer` has to be whole. */
export function replaySeries(rule: Rule, answer: Pick<BacktestAnswer, 'series'>): BacktestResult {
	const keyOf = (group: Readonly<Record<string, string>>) => groupKeyOf(rule.groupBy.map((name) => group[name] ?? ''));
	const groupsAt = new Map<number, Map<string, Sample>>();
	for (const { group, points } of answer.series) {
		const key = keyOf(group);
		for (const { tMs, value, requests } of points) {
			const groups = groupsAt.get(tMs) ?? new Map<string, Sample>();
			// Without a value the group was not there; the evaluation was.
			if (value !== null) groups.set(key, { value, requests, before: [] });
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
