import type { AlertState, Severity } from '../../schema/alert.ts';
import type { AlertTest, TestExpectation, TestSeries } from '../../schema/alert-test.ts';
import type { DocumentOf } from '../../schema/desired-state.ts';
import { evaluate, freshState } from '../alerting/evaluate/evaluate.ts';
import type { Measured, RuleState } from '../alerting/evaluate/evaluate.ts';
import type { Sample } from '../alerting/evaluate/judge.ts';
import { thresholdOf } from '../alerting/evaluate/quantity.ts';
import { ruleOf } from '../alerting/evaluate/rule-of-document.ts';
import { groupKeyOf, ruleGroup } from '../alerting/evaluate/rule.ts';
import type { Rule } from '../alerting/evaluate/rule.ts';
import { stateShown, worstOf } from '../alerting/evaluate/state-shown.ts';
import { durationMs } from './durations.ts';

/** What went otherwise than expected, one line each; nothing when the test holds. */
export function runAlertTest(test: AlertTest, alert: DocumentOf<'Alert'>): string[] {
	const read = ruleOf(alert);
	if (read.kind === 'problems') return read.problems.map(({ path, message }) => `${path}: ${message}`);
	const { rule } = read;
	const parsed = test.spec.series.map((series) => readSeries(series, rule));
	const wrong = parsed.flatMap((series) => (typeof series === 'string' ? [series] : []));
	if (wrong.length > 0) return wrong;
	const series = parsed.filter((one) => typeof one !== 'string');
	const states = statesOver(rule, measuredOver(series, rule));
	return test.spec.expect.flatMap((expected) => {
		const found = stateAt(rule, states, expected);
		return found === expected.state ? [] : [complaint(expected, found)];
	});
}

type Point = Sample | 'absent' | 'error' | 'stale';
interface Series {
	groupKey: string;
	points: Point[];
}

/** A text says what is wrong with it. */
function readSeries({ group, values, before, requests }: TestSeries, rule: Rule): Series | string {
	const unknown = Object.keys(group).find((key) => !rule.groupBy.includes(key));
	if (unknown !== undefined)
		return `series: found group ${unknown}, expected those of groupBy: ${rule.groupBy.join(', ')}`;
	const earlier = before === undefined ? [] : repeated(before);
	const points = repeated(values).map((token, index) => readPoint(token, earlier[index], requests, rule));
	const wrong = points.find((point) => typeof point === 'string' && !isWord(point));
	if (typeof wrong === 'string') return `series: found ${wrong}`;
	return { groupKey: groupKeyOf(rule.groupBy.map((key) => group[key] ?? '')), points: points as Point[] };
}

const isWord = (text: string): boolean => text === 'absent' || text === 'error' || text === 'stale';

/** `900ms x5` five times. */
const repeated = (values: readonly (string | number)[]): (string | number)[] =>
	values.flatMap((value) => {
		const [, one, times] = typeof value === 'string' ? (/^(.+?) x(\d{1,4})$/.exec(value) ?? []) : [];
		return one === undefined ? [value] : Array.from({ length: Number(times) }, () => numeric(one));
	});

const numeric = (text: string): string | number => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);

function readPoint(token: string | number, earlier: string | number | undefined, requests: number, rule: Rule) {
	if (typeof token === 'string' && isWord(token)) return token as Point;
	if (token === 'none') return { value: null, requests: 0, before: [] };
	const value = thresholdOf(token, rule.unit);
	if (typeof value !== 'number') return `${token}, expected ${value.expected}, none, absent, error or stale`;
	const before = earlier === undefined ? null : thresholdOf(earlier, rule.unit);
	if (before !== null && typeof before !== 'number') return `${earlier}, expected ${before.expected}`;
	return { value, requests, before: rule.againstMs.map(() => before) };
}

/** The first window begins at 0 and is evaluated after one interval. */
function measuredOver(series: readonly Series[], rule: Rule): Measured[] {
	const length = Math.max(...series.map(({ points }) => points.length));
	return Array.from({ length }, (_, index): Measured => {
		const tMs = (index + 1) * rule.everyMs;
		const points = series.map(({ groupKey, points }) => ({ groupKey, point: points[index] ?? 'absent' }));
		if (points.some(({ point }) => point === 'stale')) return { kind: 'stale', tMs };
		if (points.some(({ point }) => point === 'error')) return { kind: 'error', tMs, reason: 'as the test says' };
		const groups = new Map<string, Sample>();
		for (const { groupKey, point } of points) if (typeof point !== 'string') groups.set(groupKey, point);
		return { kind: 'values', tMs, groups };
	});
}

function statesOver(rule: Rule, measured: readonly Measured[]): { tMs: number; state: RuleState }[] {
	let state = freshState();
	return measured.map((one) => {
		({ state } = evaluate(rule, one, state));
		return { tMs: one.tMs, state };
	});
}

function stateAt(
	rule: Rule,
	states: readonly { tMs: number; state: RuleState }[],
	expected: TestExpectation,
): AlertState {
	const state = states.findLast(({ tMs }) => tMs <= durationMs(expected.at))?.state ?? freshState();
	const groupKey = expected.group && groupKeyOf(rule.groupBy.map((key) => expected.group?.[key] ?? ''));
	const groups = Object.entries(state.groups).filter(([key]) => groupKey === undefined || key === groupKey);
	const shown = groups.flatMap(([key, group]) =>
		ruleGroup(rule, key)
			.conditions.filter(({ severity }) => expected.severity === undefined || severity === expected.severity)
			.flatMap(({ key }) => {
				const condition = group.conditions[key];
				return condition === undefined ? [] : [stateShown(state.health, group, condition)];
			}),
	);
	return shown.length === 0 && state.health !== 'ok' ? state.health : worstOf(shown);
}

function complaint({ at, state, severity, group }: TestExpectation, found: AlertState): string {
	const of = (name: Severity | undefined) => (name === undefined ? '' : ` ${name}`);
	const where = group === undefined ? '' : ` for ${JSON.stringify(group)}`;
	return `at ${at}${where}: found ${found}, expected ${state}${of(severity)}`;
}
