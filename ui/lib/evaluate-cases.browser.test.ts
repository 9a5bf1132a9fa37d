import { expect, test } from 'vitest';
import { replay } from '../../collector/alerting/evaluate/backtest.ts';
import { evaluationCases, writeChange } from '../../collector/alerting/evaluate/read-cases.ts';

test.each(evaluationCases())('the evaluator in the browser: $name', ({ rule, measured, expected }) => {
	expect(replay(rule, measured).changes.map(writeChange).sort()).toEqual(expected.toSorted());
});
