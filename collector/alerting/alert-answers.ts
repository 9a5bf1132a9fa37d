/** Rules as the API tells of them: the document, and what the evaluator knows of it. */
import type { AlertState } from '../../schema/alert.ts';
import type { AlertAnswer, Declared, Firing, StateOfGroup } from '../../schema/api-alerts.ts';
import type { DeclaredDocument } from '../desired/documents.ts';
import { isFiring } from './evaluate/condition-state.ts';
import type { RuleState } from './evaluate/evaluate.ts';
import { unitOf } from './evaluate/unit-of.ts';
import { ruleGroup } from './evaluate/rule.ts';
import type { RuleProblem } from './evaluate/rule-of-document.ts';
import { ruleShown, stateShown } from './evaluate/state-shown.ts';
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
		groups: entry === undefined ? [] : groupsOf(entry.watched, entry.state),
		evaluatedMs: entry?.state.evaluatedMs ?? null,
		silenced,
		firings7d: firings.length,
		strip: stripOf(firings, shown.state, { fromMs: nowMs - weekMs, toMs: nowMs }),
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
						sinceMs: condition.sinceMs,
						value: groupState.value,
						threshold: test.threshold,
						...firingId,
						...(state.reason === undefined ? {} : { reason: state.reason }),
					},
				];
			});
		})
		.sort((a, b) => rank(a) - rank(b) || (b.value ?? 0) - (a.value ?? 0))
		.slice(0, mostGroups);
}

const rank = ({ state }: StateOfGroup): number => ['firing', 'recovering', 'pending'].indexOf(state) >>> 0;

/** When anything fired over the window; what it is now stands at its end. */
function stripOf(
	firings: readonly Firing[],
	state: AlertState,
	{ fromMs, toMs }: { fromMs: number; toMs: number },
): AlertAnswer['strip'] {
	const strip: AlertAnswer['strip'] = [];
	let reachedMs = fromMs;
	for (const { startedMs, endedMs } of firings.toSorted((a, b) => a.startedMs - b.startedMs)) {
		const [from, to] = [Math.max(reachedMs, startedMs), Math.min(toMs, endedMs ?? toMs)];
		if (to <= from) continue;
		if (from > reachedMs) strip.push({ fromMs: reachedMs, toMs: from, state: 'normal' });
		strip.push({ fromMs: from, toMs: to, state: 'firing' });
		reachedMs = to;
	}
	if (reachedMs < toMs) strip.push({ fromMs: reachedMs, toMs, state: state === 'firing' ? 'normal' : state });
	return strip;
}
