import { choiceParameter, flagParameter, textParameter } from '../../lib/query-state.ts';

const OBJECTIVE_SORTS = ['state', 'name', 'budget'] as const;
export type ObjectiveSort = (typeof OBJECTIVE_SORTS)[number];
const SORTS = OBJECTIVE_SORTS.flatMap((sort) => [`-${sort}`, sort] as const);

export const slosQuery = { f: textParameter(), sort: choiceParameter(SORTS, 'state') };
export const sloQuery = { edit: flagParameter() };

/** What a new objective says. */
export const newSloQuery = {
	total: textParameter(),
	good: textParameter('duration<1s -error:true'),
	target: textParameter('99'),
	window: textParameter('30d'),
	name: textParameter(),
};
