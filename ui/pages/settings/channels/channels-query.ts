import { textParameter } from '../../../lib/query-state.ts';

/** Cannot be the name of a document. */
export const NEW = '+';

/** Whose form is open, `+` for a new one. `edit`: the channel, `maintenance`: the maintenance window. */
export const channelsQuery = {
	edit: textParameter(),
	maintenance: textParameter(),
	route: textParameter(),
	heartbeat: textParameter(),
};
