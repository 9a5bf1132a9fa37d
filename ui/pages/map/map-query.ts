import { EDGE_SORTS } from '../edge-sorts.ts';
import {
	choiceParameter,
	flagParameter,
	integerParameter,
	sortParameter,
	textParameter,
} from '../../lib/query-state.ts';

export const HOPS = ['1', '2', '3'] as const;

/** `focus` and `sel` are ids of nodes, or of an edge; `all` draws a large map whole. */
export const mapQuery = {
	focus: textParameter(),
	hops: choiceParameter(HOPS, '1'),
	sel: textParameter(),
	view: choiceParameter(['graph', 'table'], 'graph'),
	f: textParameter(),
	sort: sortParameter(EDGE_SORTS, '-calls'),
	all: flagParameter(),
	/** Where the slice of the window begins whose figures are shown, in Unix milliseconds. */
	slice: integerParameter(0, 8.64e15),
};
