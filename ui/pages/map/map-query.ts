import { EDGE_SORTS } from '../edge-sorts.ts';
import {
	choiceParameter,
	flagParameter,
	integerParameter,
	sortParameter,
	textParameter,
} from '../../lib/query-state.ts';
import type { Parameter } from '../../lib/query-state.ts';

export const HOPS = ['1', '2', '3'] as const;
export const DIRECTIONS = ['both', 'up', 'down'] as const;
export const DIRECTION_WORDS = { both: 'both ways', up: 'its callers', down: 'what it calls' } as const;

const MOST_NAMES = 200;

/** Names parted by commas; one that has a comma itself is percent-encoded, as every other odd one is. */
const namesParameter: Parameter<readonly string[]> = {
	fallback: [],
	decode(text) {
		try {
			const names = text.split(',').map(decodeURIComponent);
			return names.length <= MOST_NAMES ? names : undefined;
		} catch {
			return undefined;
		}
	},
	encode: (names) => (names.length === 0 ? null : names.map(encodeURIComponent).join(',')),
};

/** `focus` and `sel` are ids of nodes, or of an edge; `all` draws a large map whole. */
export const mapQuery = {
	focus: textParameter(),
	hops: choiceParameter(HOPS, '1'),
	dir: choiceParameter(DIRECTIONS, 'both'),
	sel: textParameter(),
	view: choiceParameter(['graph', 'table'], 'graph'),
	/** In the search language: the map of the traces that it finds. */
	f: textParameter(),
	/** A part of a node's name. */
	find: textParameter(),
	group: choiceParameter(['', 'namespace'], ''),
	/** Namespaces that are looked into while they are grouped. */
	open: namesParameter,
	sort: sortParameter(EDGE_SORTS, '-calls'),
	all: flagParameter(),
	/** Where the slice of the window begins whose figures are shown, in Unix milliseconds. */
	slice: integerParameter(0, 8.64e15),
};
