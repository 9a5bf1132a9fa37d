import { EDGE_SORTS } from '../edges-rows.ts';
import { choiceParameter, flagParameter, integerParameter, textParameter } from '../../lib/query-state.ts';

export const HOPS = ['1', '2', '3'] as const;

const SORTS = EDGE_SORTS.flatMap((sort) => [`-${sort}`, sort] as const);

/** `focus` and `sel` are ids of nodes, or of an edge; `all` draws a large map whole. */
export const mapQuery = {
	focus: textParameter(),
	hops: choiceParameter(HOPS, '1'),
	sel: textParameter(),
	view: choiceParameter(['graph', 'table'], 'graph'),
	f: textParameter(),
	sort: choiceParameter(SORTS, '-calls'),
	all: flagParameter(),
	/** Where the slice of the window begins whose figures are shown, in Unix milliseconds. */
	slice: integerParameter(0, 8.64e15),
};
