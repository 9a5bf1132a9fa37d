import { choiceParameter, textParameter } from '../lib/query-state.ts';
import { EDGE_SORTS } from './edges-rows.ts';

const SORTS = EDGE_SORTS.flatMap((sort) => [`-${sort}`, sort] as const);

export const externalQuery = { sort: choiceParameter(SORTS, '-total'), f: textParameter() };
