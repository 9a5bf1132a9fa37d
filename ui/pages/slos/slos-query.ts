import { flagParameter, sortParameter, textParameter } from '../../lib/query-state.ts';

const OBJECTIVE_SORTS = ['state', 'name', 'budget'] as const;
export type ObjectiveSort = (typeof OBJECTIVE_SORTS)[number];

export const slosQuery = { f: textParameter(), sort: sortParameter(OBJECTIVE_SORTS, 'state') };
export const sloQuery = { edit: flagParameter() };

/** What a new objective says. */
export const newSloQuery = {
	total: textParameter(),
	good: textParameter('duration<1s -error:true'),
	target: textParameter('99'),
	window: textParameter('30d'),
	name: textParameter(),
};
