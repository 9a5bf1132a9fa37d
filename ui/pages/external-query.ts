import { sortParameter, textParameter } from '../lib/query-state.ts';
import { EDGE_SORTS } from './edge-sorts.ts';

export const externalQuery = { sort: sortParameter(EDGE_SORTS, '-total'), f: textParameter() };
