import { textParameter } from '../../../lib/query-state.ts';

/** `edit`: the channel whose form is open; `+` for a new one. */
export const channelsQuery = { edit: textParameter() };
