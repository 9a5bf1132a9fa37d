import type { ResolveReason, Severity } from '../../../schema/alert.ts';
import { advance, isFiring, normalState } from './condition-state.ts';
import type { ConditionState, Step } from './condition-state.ts';
import { judge, judgedValue } from './judge.ts';
import type { Sample } from './judge.ts';
import { ruleGroup } from './rule.ts';
import type { Condition, Group, Rule } from './rule.ts';

/** What was measured at the end of a window. Groups are named by their values: see `groupKeyOf`. */
export type Measured =
	| { kind: 'values'; tMs: number; groups: ReadonlyMap<string, Sample> }
	/** The query failed, or there are more groups than are judged. */
	| { kind: 'error'; tMs: number; reason: string }
	/** Ingest is behind: nobody knows. */
	| { kind: 'stale'; tMs: number };

export interface GroupState {
	/** By key of the condition. */
	conditions: Record<string, ConditionState>;
	/** Evaluations in a row that found other groups and not this one. */
	missing: number;
	hasData: boolean;
	/** Of `hasData`: end of the first window of which it was true or false without a break. */
	hasDataSinceMs?: number;
	value: number | null;
	requests: number;
}

/** All that one evaluation leaves to the next. Plain JSON. */
export interface RuleState {
	/** End of the newest window that was evaluated. */
	evaluatedMs: number | null;
	/** End of the first window of this question. */
	beganMs?: number;
	health: 'ok' | 'error' | 'stale';
	healthSinceMs?: number;
	reason?: string;
	groups: Record<string, GroupState>;
}

export const freshState = (): RuleState => ({ evaluatedMs: null, health: 'ok', groups: {} });

/** A condition of a group became something else. */
export interface Change {
	kind: Step['kind'];
	/** Of the end of a firing. */
	reason?: ResolveReason;
	tMs: number;
	groupKey: string;
	group: Group;
	conditionKey: string;
	severity: Severity;
	/** What was compared with the threshold; null without data. */
	value: number | null;
	threshold: number;
	/** When the firing began; null of what does not fire. */
	startedMs: number | null;
}

export interface Evaluation {
	state: RuleState;
	changes: Change[];
}

/** Other groups were there, and this one was not, so many times: then it is gone. */
const missingEvaluations = 2;

/** The one evaluator: in the scheduler, in the back-test, and in the browser while a threshold is dragged. Pure. */
export function evaluate(rule: Rule, measured: Measured, previous: RuleState): Evaluation {
	const { tMs } = measured;
	const healthOf = (health: RuleState['health']) => ({
		health,
		healthSinceMs: previous.health === health ? (previous.healthSinceMs ?? tMs) : tMs,
	});
	if (measured.kind === 'stale') return { state: { ...previous, ...healthOf('stale') }, changes: [] };
	const beganMs = previous.beganMs ?? tMs;
	if (measured.kind === 'error') {
		const { reason } = measured;
		return { state: { ...previous, evaluatedMs: tMs, beganMs, ...healthOf('error'), reason }, changes: [] };
	}
	const changes: Change[] = [];
	const groups: Record<string, GroupState> = {};
	const someAreThere = measured.groups.size > 0;
	for (const [groupKey, sample] of measured.groups) {
		groups[groupKey] = judgeGroup(rule, { groupKey, sample, tMs }, previous.groups[groupKey], changes);
	}
	for (const [groupKey, before] of Object.entries(previous.groups)) {
		if (measured.groups.has(groupKey)) continue;
		const after = someAreThere
			? missGroup(rule, groupKey, before, tMs, changes)
			: judgeGroup(rule, { groupKey, sample: nothing, tMs }, before, changes);
		if (after !== undefined) groups[groupKey] = after;
	}
	return { state: { evaluatedMs: tMs, beganMs, ...healthOf('ok'), groups }, changes };
}

const nothing: Sample = { value: null, requests: 0, before: [] };

interface Seen {
	groupKey: string;
	sample: Sample;
	tMs: number;
}

function judgeGroup(rule: Rule, seen: Seen, before: GroupState | undefined, changes: Change[]): GroupState {
	const { groupKey, sample, tMs } = seen;
	const { group, conditions: tested } = ruleGroup(rule, groupKey);
	const isBurn = rule.conditions.some(({ test }) => test.kind === 'burn');
	const hasData = isBurn || sample.value !== null;
	const conditions: Record<string, ConditionState> = {};
	for (const condition of tested) {
		const known = before?.conditions[condition.key] ?? normalState(tMs);
		const reason = hasData ? 'recovered' : 'no data';
		const { next, step } = advance(known, condition.hold, judge(condition.test, sample, rule), tMs, reason);
		conditions[condition.key] = next;
		if (step !== undefined) {
			changes.push({
				...step,
				...changeOf(condition, groupKey, group),
				tMs,
				value: judgedValue(condition.test, sample),
				startedMs: next.startedMs ?? known.startedMs,
			});
		}
	}
	const hasDataSinceMs = before?.hasData === hasData ? (before.hasDataSinceMs ?? tMs) : tMs;
	return { conditions, missing: 0, hasData, hasDataSinceMs, value: sample.value, requests: sample.requests };
}

function missGroup(
	rule: Rule,
	groupKey: string,
	before: GroupState,
	tMs: number,
	changes: Change[],
): GroupState | undefined {
	const missing = before.missing + 1;
	if (missing < missingEvaluations) return { ...before, missing };
	changes.push(...endGroup(rule, groupKey, before, tMs, 'missing series'));
	return undefined;
}

const changeOf = ({ key, severity, test }: Condition, groupKey: string, group: Group) => ({
	groupKey,
	group,
	conditionKey: key,
	severity,
	threshold: test.threshold,
});

function endGroup(rule: Rule, groupKey: string, state: GroupState, tMs: number, reason: ResolveReason): Change[] {
	const { group, conditions } = ruleGroup(rule, groupKey);
	return conditions.flatMap((condition) => {
		const found = state.conditions[condition.key];
		if (found === undefined || !isFiring(found)) return [];
		const ended = { kind: 'resolved', reason, tMs, value: state.value, startedMs: found.startedMs } as const;
		return [{ ...changeOf(condition, groupKey, group), ...ended }];
	});
}

/** Ends firings of conditions that an edited rule has no longer, and forgets those. */
export function keepConditions(before: Rule, after: Rule, state: RuleState, tMs: number): Evaluation {
	const changes: Change[] = [];
	const groups: Record<string, GroupState> = {};
	for (const [groupKey, group] of Object.entries(state.groups)) {
		const kept = new Set(ruleGroup(after, groupKey).conditions.map(({ key }) => key));
		changes.push(
			...endGroup(before, groupKey, group, tMs, 'rule changed').filter(({ conditionKey }) => !kept.has(conditionKey)),
		);
		const conditions = Object.fromEntries(Object.entries(group.conditions).filter(([key]) => kept.has(key)));
		groups[groupKey] = { ...group, conditions };
	}
	return { state: { ...state, groups }, changes };
}

/** After a time without an evaluator: what was about to fire begins anew; what fires goes on, and is evaluated again. */
export function restartPending(state: RuleState, tMs: number): RuleState {
	const groups: Record<string, GroupState> = {};
	for (const [groupKey, group] of Object.entries(state.groups)) {
		const conditions = Object.entries(group.conditions).map(([key, condition]) => [
			key,
			isFiring(condition) ? condition : normalState(tMs),
		]);
		groups[groupKey] = { ...group, conditions: Object.fromEntries(conditions) as GroupState['conditions'] };
	}
	return { ...state, groups };
}
