import { DOCUMENT_KINDS } from '../../../schema/alert.ts';
import { choiceParameter, textParameter } from '../../lib/query-state.ts';

/** `source`: whose objects are listed, `(screen)` for those of none. `open`: `Kind/name` of the object that is shown. */
export const configQuery = {
	source: textParameter(),
	kind: choiceParameter(['all', ...DOCUMENT_KINDS], 'all'),
	f: textParameter(),
	open: textParameter(),
};
export const NO_SOURCE = '(screen)';
