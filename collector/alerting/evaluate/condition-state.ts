/** One condition of one group over time. */
import type { ResolveReason } from '../../../schema/alert.ts';
import type { Hold } from './rule.ts';

/** What one evaluation says of a condition. `calm`: no violation, and not yet recovered; `unknown`: nothing to judge. */
export type Verdict = 'violates' | 'calm' | 'recovered' | 'unknown';

export interface ConditionState {
	state: 'normal' | 'pending' | 'firing' | 'recovering';
	/** End of the window at which it became that. */
	sinceMs: number;
	/** Of the last evaluations, oldest first: 1 where it violated. As many as the condition looks at. */
	recent: string;
	/** Where every evaluation has violated since. */
	violatingSinceMs: number | null;
	/** When it began to fire; null where it doesn't. */
	startedMs: number | null;
}

export const normalState = (sinceMs: number): ConditionState => ({
	state: 'normal',
	sinceMs,
	recent: '',
	violatingSinceMs: null,
	startedMs: null,
});

export const isFiring = ({ state }: ConditionState): boolean => state === 'firing' || state === 'recovering';

/** What became of a condition at an evaluation. */
export type Step = { kind: 'pending' | 'fired' | 'recovering' } | { kind: 'resolved'; reason: ResolveReason };

interface Advanced {
	next: ConditionState;
	step?: Step;
}

/** `reason`: why a firing ends, if this evaluation ends it. */
export function advance(
	before: ConditionState,
	hold: Hold,
	verdict: Verdict,
	tMs: number,
	reason: ResolveReason,
): Advanced {
	if (verdict === 'unknown') return { next: before };
	const violates = verdict === 'violates';
	const noted: ConditionState = {
		...before,
		recent: hold.kind === 'count' ? (before.recent + (violates ? '1' : '0')).slice(-hold.of) : '',
		violatingSinceMs: violates ? (before.violatingSinceMs ?? tMs) : null,
	};
	const holds = isHeld(noted, hold, tMs);
	return isFiring(before)
		? whileFiring(noted, { violates, holds, verdict, tMs, reason })
		: beforeFiring(noted, holds, tMs);
}

function isHeld({ recent, violatingSinceMs }: ConditionState, hold: Hold, tMs: number): boolean {
	if (hold.kind === 'time') return violatingSinceMs !== null && tMs - violatingSinceMs >= hold.ms;
	return violationsIn(recent) >= hold.needed;
}

function violationsIn(recent: string): number {
	let count = 0;
	for (const mark of recent) if (mark === '1') count += 1;
	return count;
}

function beforeFiring(noted: ConditionState, holds: boolean, tMs: number): Advanced {
	if (holds) return { next: { ...noted, state: 'firing', sinceMs: tMs, startedMs: tMs }, step: { kind: 'fired' } };
	const isPending = noted.violatingSinceMs !== null || violationsIn(noted.recent) > 0;
	if (isPending === (noted.state === 'pending')) return { next: noted };
	return isPending
		? { next: { ...noted, state: 'pending', sinceMs: tMs }, step: { kind: 'pending' } }
		: { next: { ...noted, state: 'normal', sinceMs: tMs } };
}

interface Judged {
	violates: boolean;
	holds: boolean;
	verdict: Verdict;
	tMs: number;
	reason: ResolveReason;
}

/** It goes on firing while it violates, and ends when it holds no longer and has recovered. In between it recovers. */
function whileFiring(noted: ConditionState, { violates, holds, verdict, tMs, reason }: Judged): Advanced {
	if (violates) {
		return noted.state === 'firing' ? { next: noted } : { next: { ...noted, state: 'firing', sinceMs: tMs } };
	}
	if (!holds && verdict === 'recovered') {
		return {
			next: { ...noted, state: 'normal', sinceMs: tMs, startedMs: null },
			step: { kind: 'resolved', reason },
		};
	}
	if (noted.state === 'recovering') return { next: noted };
	return { next: { ...noted, state: 'recovering', sinceMs: tMs }, step: { kind: 'recovering' } };
}
