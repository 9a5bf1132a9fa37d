/** A rule as numbers: what `rule-of-document.ts` reads and `evaluate.ts` judges by. */
import type { NoDataChoice, Severity } from '../../../schema/alert.ts';
import type { Unit } from '../../../schema/api-alerts.ts';

/** Values of `groupBy`, by its keys. */
export type Group = Readonly<Record<string, string>>;

/** When a condition fires: so many of the last evaluations violate, or all of them for a time. */
export type Hold = { kind: 'count'; needed: number; of: number } | { kind: 'time'; ms: number };

/** What a value is compared with. Thresholds are in the unit of the rule. */
export type Test =
	| { kind: 'above'; threshold: number; recover: number }
	| { kind: 'below'; threshold: number; recover: number }
	/** In percent of the value before, which is number `before` of the sample; negative: it fell. */
	| { kind: 'change'; threshold: number; before: number }
	/** Budget burnt faster than `threshold` over a long and a short window: numbers `before` and the next of the sample. */
	| { kind: 'burn'; threshold: number; before: number; longMs: number };

export interface Condition {
	/** Names it within the rule, whatever else of the rule is edited: `page`, `page 2`. */
	key: string;
	severity: Severity;
	test: Test;
	hold: Hold;
}

export interface Override {
	matches: (group: Group) => boolean;
	conditions: readonly Condition[];
}

export interface Rule {
	windowMs: number;
	everyMs: number;
	/** In the order in which the values of a group stand. */
	groupBy: readonly string[];
	measure: string;
	unit: Unit;
	conditions: readonly Condition[];
	/** The first that matches a group decides for it. */
	overrides: readonly Override[];
	/** With fewer requests in the window, nothing violates. */
	minRequests: number;
	noData: NoDataChoice;
	/** How long before the window lie those that it is compared with: a sample has a value of each, in this order. */
	againstMs: readonly number[];
}

/** A group by name, and what holds for it. */
export interface RuleGroup {
	group: Group;
	conditions: readonly Condition[];
}

const maxKnownGroups = 4_096;
const knownGroups = new WeakMap<Rule, Map<string, RuleGroup>>();

/** Remembered by rule: a back-test asks for the same groups ten thousand times. */
export function ruleGroup(rule: Rule, groupKey: string): RuleGroup {
	const known = knownGroups.get(rule) ?? new Map<string, RuleGroup>();
	knownGroups.set(rule, known);
	const found = known.get(groupKey);
	if (found !== undefined) return found;
	const group = groupOf(rule.groupBy, groupKey);
	const conditions = rule.overrides.find(({ matches }) => matches(group))?.conditions ?? rule.conditions;
	if (known.size >= maxKnownGroups) known.clear();
	known.set(groupKey, { group, conditions });
	return { group, conditions };
}

/** Values of a group in the order of `groupBy`, as one text. */
export const groupKeyOf = (values: readonly string[]): string => JSON.stringify(values);

export function groupOf(groupBy: readonly string[], key: string): Group {
	const values = JSON.parse(key) as string[];
	return Object.fromEntries(groupBy.map((name, index) => [name, values[index] ?? '']));
}
