import { CHANGE_KINDS } from '../../../schema/change.ts';
import { choiceParameter, integerParameter, textParameter } from '../../lib/query-state.ts';

/** `f`: part of a service's name. */
export const changesQuery = { kind: choiceParameter(['all', ...CHANGE_KINDS], 'all'), f: textParameter() };

/** `hours`: how long after the deploy is compared. */
export const deployQuery = { hours: integerParameter(1, 24) };
