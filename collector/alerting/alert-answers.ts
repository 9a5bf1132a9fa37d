/** Rules as the API tells of them: the document, and what the evaluator knows of it. */
import type { AlertState } from '../../schema/alert.ts';
import type { AlertAnswer, Declared, Firing, StateOfGroup } from '../../schema/api-alerts.ts';
import type { DeclaredDocument } from '../desired/documents.ts';
import { isFiring } from './evaluate/condition-state.ts';
import type { RuleState } from './evaluate/evaluate.ts';
import { unitOf } from './evaluate/unit-of.ts';
import { ruleGroup } from './evaluate/rule.ts';
import type { RuleProblem } from './evaluate/rule-of-document.ts';
import { ruleShown, sinceShown, stateShown } from './evaluate/state-shown.ts';
import { firingIdOf } from './rule-entry.ts';
import type { RuleEntry } from './rule-entry.ts';
import type { Watched } from './watched.ts';

const weekMs = 7 * 86_400_000;
const mostGroups = 200;

interface AboutAlert {
	declared: DeclaredDocument<'Alert'>;
	/** Undefined where it is not evaluated (yet). */
	entry: Readonly<RuleEntry> | undefined;
	/** Why it can't be evaluated. */
	problems: readonly RuleProblem[];
	/** Of the last 7 days. */
	firings: readonly Firing[];
	silenced: boolean;
	nowMs: number;
}

export function alertAnswer({ declared, entry, problems, firings, silenced, nowMs }: AboutAlert): AlertAnswer {
	const groups = entry === undefined ? [] : groupsOf(entry.watched, entry.state);
	const shown =
		problems.length > 0
			? { state: 'error' as const, severity: null }
			: entry === undefined
				? { state: 'normal' as const, severity: null }
				: ruleShown(entry.watched.rule, entry.state);
	return {
		...declaredOf(declared),
		...shown,
		unit: unitOf(declared.document.spec.measure),
		groups: groups.slice(0, mostGroups),
		groupsOf: groups.length,
		groupsFiring: groups.filter(({ state }) => state === 'firing').length,
		evaluatedMs: entry?.state.evaluatedMs ?? null,
		silenced,
		firings7d: firings.length,
		strip: stripOf(firings, {
			state: shown.state,
			sinceMs: sinceOf(shown.state, groups, entry?.state),
			beganMs: entry?.state.beganMs ?? nowMs,
			fromMs: nowMs - weekMs,
			toMs: nowMs,
		}),
	};
}

export const declaredOf = ({ document, version, author, changedMs, owner }: Declared): Declared => ({
	document,
	version,
	author,
	changedMs,
	owner,
});

/** Those that fire first. */
function groupsOf(watched: Watched, state: RuleState): StateOfGroup[] {
	return Object.entries(state.groups)
		.flatMap(([groupKey, groupState]) => {
			const { group, conditions } = ruleGroup(watched.rule, groupKey);
			return conditions.flatMap(({ key, severity, test }): StateOfGroup[] => {
				const condition = groupState.conditions[key];
				if (condition === undefined) return [];
				const firingId =
					isFiring(condition) && condition.startedMs !== null
						? { firingId: firingIdOf(watched, groupKey, key, condition.startedMs) }
						: {};
				return [
					{
						group,
						severity,
						state: stateShown(state.health, groupState, condition),
						sinceMs: sinceShown(state, groupState, condition) ?? condition.sinceMs,
						value: groupState.value,
						threshold: test.threshold,
						...firingId,
						...(state.reason === undefined ? {} : { reason: state.reason }),
					},
				];
			});
		})
		.sort((a, b) => rank(a) - rank(b) || (b.value ?? 0) - (a.value ?? 0));
}

const rank = ({ state }: StateOfGroup): number => ['firing', 'recovering', 'pending'].indexOf(state) >>> 0;

/** Since when some group has been in the state of the whole; where there is none, since its health is what it is. */
function sinceOf(state: AlertState, groups: readonly StateOfGroup[], rule: RuleState | undefined): number {
	const since = groups.filter((group) => group.state === state).map(({ sinceMs }) => sinceMs);
	return since.length === 0 ? (rule?.healthSinceMs ?? -Infinity) : Math.min(...since);
}

interface StripFacts {
	state: AlertState;
	sinceMs: number;
	/** Before that nobody looked. */
	beganMs: number;
	fromMs: number;
	toMs: number;
}

/** When anything fired over the window; what it is now stands at its end. Nothing where it was not evaluated yet. */
function stripOf(
	firings: readonly Firing[],
	{ state, sinceMs, beganMs, fromMs, toMs }: StripFacts,
): AlertAnswer['strip'] {
	const strip: AlertAnswer['strip'] = [];
	let reachedMs = fromMs;
	const add = (startMs: number, endMs: number, of: AlertState) => {
		if (startMs < endMs) strip.push({ fromMs: startMs, toMs: endMs, state: of });
		reachedMs = Math.max(reachedMs, endMs);
	};
	const calmUntil = (endMs: number) => add(Math.max(reachedMs, beganMs), endMs, 'normal');
	for (const { startedMs, endedMs } of firings.toSorted((a, b) => a.startedMs - b.startedMs)) {
		const [from, to] = [Math.max(reachedMs, startedMs), Math.min(toMs, endedMs ?? toMs)];
		if (to <= from) continue;
		calmUntil(from);
		add(from, to, 'firing');
	}
	if (state !== 'normal' && state !== 'firing') {
		const from = Math.max(reachedMs, beganMs, Math.min(sinceMs, toMs));
		calmUntil(from);
		add(from, toMs, state);
	} else {
		calmUntil(toMs);
	}
	return strip;
}
