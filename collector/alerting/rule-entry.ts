/** What the scheduler keeps of one rule between its evaluations. */
import { createHash } from 'node:crypto';
import { isFiring } from './evaluate/condition-state.ts';
import { freshState } from './evaluate/evaluate.ts';
import type { Measured, RuleState } from './evaluate/evaluate.ts';
import type { TickRange, Watched } from './watched.ts';

export interface RuleEntry {
	watched: Watched;
	state: RuleState;
	/** Measured, and not known to be on disk: written again as it is, never measured again. */
	unlogged: Measured[];
	/** On disk, and not judged to the end: judged again as it is. */
	logged: Measured[];
	/** Which evaluation the state on disk is of. */
	savedMs: number | null;
	/** What was left out because it is too long ago. */
	skipped: number;
}

export const newEntry = (watched: Watched, state: RuleState = freshState()): RuleEntry => ({
	watched,
	state,
	unlogged: [],
	logged: [],
	savedMs: state.evaluatedMs,
	skipped: 0,
});

const hourMs = 3_600_000;
const mostTicks = 360;

interface Due {
	range: TickRange;
	/** There was no evaluator for so long that what is pending begins anew. */
	isRestart: boolean;
	skipped: number;
}

/** Which windows are to be evaluated, up to a horizon. Those missed by more than an hour are left out. */
export function dueTicks({ watched, state }: RuleEntry, horizonMs: number): Due | undefined {
	const { everyMs } = watched.rule;
	const toMs = Math.floor(horizonMs / everyMs) * everyMs;
	if (toMs <= 0 || (state.evaluatedMs !== null && toMs <= state.evaluatedMs)) return undefined;
	if (state.evaluatedMs === null) return { range: { fromMs: toMs, toMs }, isRestart: false, skipped: 0 };
	const fromMs = (Math.floor(state.evaluatedMs / everyMs) + 1) * everyMs;
	const isRestart = toMs - state.evaluatedMs > Math.max(hourMs, everyMs);
	const isTooMany = (toMs - fromMs) / everyMs >= mostTicks;
	if (!isRestart && !isTooMany) return { range: { fromMs, toMs }, isRestart, skipped: 0 };
	return { range: { fromMs: toMs, toMs }, isRestart, skipped: (toMs - fromMs) / everyMs };
}

/** Whether ingest is so far behind that the rule is blind: by more than two of its intervals. */
export const isBlind = ({ watched }: RuleEntry, lagMs: number): boolean => lagMs > 2 * watched.rule.everyMs;

const saveEveryMs = 15 * 60_000;

/**
 * Whether the state is to be written: after a change, so that nobody is told again; and now and then, so that a restart has few
 * evaluations to judge again.
 */
export const needsSaving = ({ state, savedMs }: RuleEntry, hasChanges: boolean): boolean =>
	hasChanges || savedMs === null || (state.evaluatedMs ?? 0) - savedMs >= saveEveryMs;

/** The same for the same firing, whoever works it out and how often. */
export const firingIdOf = (
	{ project, key }: Pick<Watched, 'project' | 'key'>,
	groupKey: string,
	conditionKey: string,
	startedMs: number,
): string =>
	createHash('sha256')
		.update(JSON.stringify([project, key, groupKey, conditionKey, startedMs]))
		.digest('hex')
		.slice(0, 32);

/** Ids of what fires. */
export function firingIdsOf(entry: Pick<RuleEntry, 'watched' | 'state'>): string[] {
	return Object.entries(entry.state.groups).flatMap(([groupKey, { conditions }]) =>
		Object.entries(conditions).flatMap(([conditionKey, condition]) =>
			isFiring(condition) && condition.startedMs !== null
				? [firingIdOf(entry.watched, groupKey, conditionKey, condition.startedMs)]
				: [],
		),
	);
}
