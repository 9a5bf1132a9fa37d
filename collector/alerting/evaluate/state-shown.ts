import { SEVERITIES } from '../../../schema/alert.ts';
import type { AlertState, Severity } from '../../../schema/alert.ts';
import { isFiring } from './condition-state.ts';
import type { ConditionState } from './condition-state.ts';
import type { GroupState, RuleState } from './evaluate.ts';
import { ruleGroup } from './rule.ts';
import type { Rule } from './rule.ts';

/** Worst first: what is shown of many groups. */
const worst: readonly AlertState[] = ['firing', 'error', 'stale', 'recovering', 'pending', 'noData', 'normal'];

/** What is shown of one condition: that it fires counts more than that nothing came. */
export function stateShown(
	health: RuleState['health'],
	{ hasData }: GroupState,
	condition: Pick<ConditionState, 'state'>,
): AlertState {
	if (health !== 'ok') return health;
	return hasData || condition.state !== 'normal' ? condition.state : 'noData';
}

/** Since when: end of the first window of which it was so; null where that is not known. */
export function sinceShown(rule: RuleState, group: GroupState, condition: ConditionState): number | null {
	const state = stateShown(rule.health, group, condition);
	if (rule.health !== 'ok') return rule.healthSinceMs ?? null;
	return state === 'noData' ? (group.hasDataSinceMs ?? null) : condition.sinceMs;
}

/** The worst of some states; `normal` of none. */
export const worstOf = (states: Iterable<AlertState>): AlertState => {
	const seen = new Set(states);
	return worst.find((state) => seen.has(state)) ?? 'normal';
};

/** Of a rule as a whole, with the severity of what fires. Where nothing was ever measured, there is no data. */
export function ruleShown(rule: Rule, state: RuleState): { state: AlertState; severity: Severity | null } {
	const firing = new Set<Severity>();
	const isEmpty = state.evaluatedMs !== null && Object.keys(state.groups).length === 0;
	const states: AlertState[] = state.health === 'ok' ? (isEmpty ? ['noData'] : []) : [state.health];
	for (const [groupKey, group] of Object.entries(state.groups)) {
		for (const { key, severity } of ruleGroup(rule, groupKey).conditions) {
			const condition = group.conditions[key];
			if (condition === undefined) continue;
			if (isFiring(condition)) firing.add(severity);
			states.push(stateShown(state.health, group, condition));
		}
	}
	return { state: worstOf(states), severity: SEVERITIES.find((severity) => firing.has(severity)) ?? null };
}
