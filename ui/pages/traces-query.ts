import { choiceParameter, textParameter } from '../lib/query-state.ts';
import type { Sort } from '../../schema/api.ts';

/** By end, by length. The server knows more; these are the ones that a reader asks for. */
export const TRACE_SORTS = ['-end', 'end', '-duration', 'duration'] as const satisfies readonly Sort[];

export const tracesQuery = { q: textParameter(), sort: choiceParameter(TRACE_SORTS, '-end') };
