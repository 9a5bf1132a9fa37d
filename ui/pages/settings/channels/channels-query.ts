import { textParameter } from '../../../lib/query-state.ts';

/** Cannot be the name of a document. */
export const NEW = '+';

/** `edit`: the channel whose form is open, `maintenance`: the maintenance window; `+` for a new one. */
export const channelsQuery = { edit: textParameter(), maintenance: textParameter() };
