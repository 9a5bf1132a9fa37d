import type { ConditionDocument, DocumentOf } from '../../../schema/desired-state.ts';
import { groupingKey, hasOneValue } from '../../../schema/grouping-key.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { groupMatcher } from './match-group.ts';
import { durationMs, percentOf, thresholdOf } from './quantity.ts';
import type { Condition, Hold, Rule, Test } from './rule.ts';
import { unitOf } from './unit-of.ts';

/** What is wrong with a document, and where: `spec.conditions.0.above`. */
export interface RuleProblem {
	path: string;
	message: string;
}
export type RuleOrProblems = { kind: 'rule'; rule: Rule } | { kind: 'problems'; problems: RuleProblem[] };

const minuteMs = 60_000;
const dayMs = 86_400_000;
const longestWindowMs = 7 * dayMs;
const longestAgainstMs = 30 * dayMs;
/** Steps that a window is put together of. */
const maxSteps = 10_080;
const maxEvaluations = 1_000;

/** Reads a document that fits the schema, and says all that is wrong with it beyond that. */
export function ruleOf({ spec }: DocumentOf<'Alert'>): RuleOrProblems {
	const problems: RuleProblem[] = [];
	const say = (path: string, message: string) => void problems.push({ path, message });
	const windowMs = wholeSeconds(spec.window, 'spec.window', longestWindowMs, say);
	const everyMs = wholeSeconds(spec.every, 'spec.every', dayMs, say);
	if (problems.length === 0 && (windowMs + everyMs) / stepOf(windowMs, everyMs) > maxSteps) {
		say(
			'spec.every',
			`windows of ${spec.window} every ${spec.every} have too many steps; make one a multiple of the other`,
		);
	}
	const query = parseQuery(spec.query);
	if (query.kind === 'error') say('spec.query', query.message);
	spec.groupBy.forEach((text, index) => {
		if (!hasOneValue(groupingKey(text)))
			say(`spec.groupBy.${index}`, `${text}: expected a key that a span has one value of`);
	});
	const unit = unitOf(spec.measure);
	const againstMs: number[] = [];
	const read = (documents: readonly ConditionDocument[], path: string): Condition[] =>
		documents.map((document, index) => ({
			key: keyOf(documents, index),
			severity: document.severity,
			test: testOf(document, { path: `${path}.${index}`, unit, againstMs, everyMs, say }),
			hold: holdOf(document.for, `${path}.${index}.for`, say),
		}));
	const conditions = read(spec.conditions, 'spec.conditions');
	const overrides = spec.overrides.map((override, index) => {
		const matcher = groupMatcher(override.match, spec.groupBy);
		if (typeof matcher === 'string') say(`spec.overrides.${index}.match`, matcher);
		return {
			matches: typeof matcher === 'string' ? () => false : matcher,
			conditions: read(override.conditions, `spec.overrides.${index}.conditions`),
		};
	});
	if (problems.length > 0) return { kind: 'problems', problems };
	const { groupBy, measure, minRequests, noData } = spec;
	return {
		kind: 'rule',
		rule: { windowMs, everyMs, groupBy, measure, unit, conditions, overrides, minRequests, noData, againstMs },
	};
}

/** The longest step of which window and interval are multiples; whole minutes where both are. */
export function stepOf(windowMs: number, everyMs: number): number {
	let [a, b] = [windowMs, everyMs];
	while (b > 0) [a, b] = [b, a % b];
	return a % minuteMs === 0 ? Math.max(minuteMs, a) : a;
}

type Say = (path: string, message: string) => void;

function wholeSeconds(text: string, path: string, mostMs: number, say: Say): number {
	const ms = durationMs(text);
	if (ms !== undefined && ms >= 1_000 && ms % 1_000 === 0 && ms <= mostMs) return ms;
	say(path, `${text}: expected whole seconds, from 1s to ${mostMs / dayMs}d`);
	return minuteMs;
}

/** The severity, and a number from the second condition of that severity on. */
function keyOf(documents: readonly ConditionDocument[], index: number): string {
	const severity = documents[index]?.severity ?? 'page';
	const number = documents.slice(0, index + 1).filter((document) => document.severity === severity).length;
	return number === 1 ? severity : `${severity} ${number}`;
}

interface Reading {
	path: string;
	unit: Rule['unit'];
	/** Grows by what is met. */
	againstMs: number[];
	everyMs: number;
	say: Say;
}

function testOf(document: ConditionDocument, reading: Reading): Test {
	const { above, recoverAbove, recoverBelow, changedBy } = document;
	const { path, say } = reading;
	if (changedBy !== undefined) {
		if ((recoverAbove ?? recoverBelow) !== undefined)
			say(path, 'a condition with changedBy has no threshold to recover at');
		return changeOf(document, changedBy, reading);
	}
	const number = (name: 'above' | 'below' | 'recoverBelow' | 'recoverAbove', fallback: number): number => {
		const written = document[name];
		const value = written === undefined ? fallback : thresholdOf(written, reading.unit);
		if (typeof value === 'number') return value;
		say(`${path}.${name}`, `${String(written)}: expected ${value.expected}`);
		return 0;
	};
	if (above !== undefined) {
		if (recoverAbove !== undefined) say(`${path}.recoverAbove`, 'goes with below; above recovers below: recoverBelow');
		const threshold = number('above', 0);
		const recover = number('recoverBelow', threshold);
		if (recover > threshold) say(`${path}.recoverBelow`, 'expected no more than above');
		return { kind: 'above', threshold, recover };
	}
	if (recoverBelow !== undefined) say(`${path}.recoverBelow`, 'goes with above; below recovers above: recoverAbove');
	const threshold = number('below', 0);
	const recover = number('recoverAbove', threshold);
	if (recover < threshold) say(`${path}.recoverAbove`, 'expected no less than below');
	return { kind: 'below', threshold, recover };
}

function changeOf({ against }: ConditionDocument, changedBy: string, reading: Reading): Test {
	const { path, againstMs, everyMs, say } = reading;
	const threshold = percentOf(changedBy) ?? 0;
	if (threshold === 0) say(`${path}.changedBy`, `${changedBy}: expected a percentage other than 0, such as +50%`);
	const ms = durationMs(against ?? '') ?? 0;
	if (ms <= 0 || ms > longestAgainstMs || ms % everyMs !== 0) {
		say(`${path}.against`, `${against ?? 'nothing'}: expected a multiple of every, at most 30d`);
	}
	if (!againstMs.includes(ms)) againstMs.push(ms);
	return { kind: 'change', threshold, before: againstMs.indexOf(ms) };
}

function holdOf(text: string, path: string, say: Say): Hold {
	const [, needed, of] = /^(\d+) of (\d+)$/.exec(text) ?? [];
	if (needed !== undefined) {
		const hold = { kind: 'count', needed: Number(needed), of: Number(of) } as const;
		if (hold.needed < 1 || hold.needed > hold.of || hold.of > maxEvaluations) {
			say(path, `${text}: expected as in 5 of 6, of at most ${maxEvaluations}`);
		}
		return hold;
	}
	const ms = durationMs(text) ?? 0;
	if (ms <= 0 || ms > longestWindowMs) say(path, `${text}: expected as in 5 of 6, or a duration of at most 7d`);
	return { kind: 'time', ms };
}
