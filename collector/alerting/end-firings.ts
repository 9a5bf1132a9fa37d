import type { ResolveReason } from '../../schema/alert.ts';
import type { Announcement } from './announcer.ts';
import { isFiring } from './evaluate/condition-state.ts';
import type { RuleState } from './evaluate/evaluate.ts';
import type { Watched } from './watched.ts';

/** The end of everything that a state fires, without its rule, which may be gone: what is told of it was kept when it fired. */
export function endAnnouncements(
	of: Pick<Watched, 'project' | 'key'>,
	state: RuleState,
	reason: ResolveReason,
	tMs: number,
): Announcement[] {
	return Object.entries(state.groups).flatMap(([groupKey, group]) =>
		Object.entries(group.conditions).flatMap(([conditionKey, condition]): Announcement[] => {
			const { startedMs } = condition;
			if (!isFiring(condition) || startedMs === null) return [];
			const { value } = group;
			return [{ watched: of, ended: { groupKey, conditionKey, startedMs, tMs, reason, value } }];
		}),
	);
}
