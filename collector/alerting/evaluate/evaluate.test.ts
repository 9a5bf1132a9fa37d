import { describe, expect, test } from 'vitest';
import { evaluate, freshState } from './evaluate.ts';
import { evaluationCases, writeChange } from './read-cases.ts';
import { ruleGroup } from './rule.ts';
import { ruleShown, stateShown } from './state-shown.ts';

const cases = evaluationCases();

test('there are at least sixty cases, each with a name of its own', () => {
	expect(cases.length).toBeGreaterThanOrEqual(60);
	expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

describe('the evaluator, by cases', () => {
	test.each(cases)('$name', ({ rule, measured, expected, ends }) => {
		let state = freshState();
		const seen: string[] = [];
		for (const one of measured) {
			const evaluation = evaluate(rule, one, state);
			// What is kept between evaluations is JSON.
			state = JSON.parse(JSON.stringify(evaluation.state)) as typeof state;
			seen.push(...evaluation.changes.map(writeChange));
		}
		expect(seen.sort()).toEqual(expected.toSorted());
		if (ends === undefined) return;
		const [groupKey = '', group] = Object.entries(state.groups)[0] ?? [];
		const first = ruleGroup(rule, groupKey).conditions[0]!;
		expect(stateShown(state.health, group!, group!.conditions[first.key]!)).toBe(ends);
	});
});

test('of many groups the worst is shown, with the most urgent severity that fires', () => {
	const { rule, measured } = cases.find(({ name }) => name === 'two severities, each by itself')!;
	let state = freshState();
	const shown = measured.map((one) => {
		({ state } = evaluate(rule, one, state));
		return ruleShown(rule, state);
	});
	expect(shown.map(({ state, severity }) => `${state} ${severity}`)).toEqual([
		'firing ticket',
		'firing ticket',
		'firing page',
		'firing ticket',
		'normal null',
	]);
});
