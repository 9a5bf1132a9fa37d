import { choiceParameter, textParameter } from '../../lib/query-state.ts';
import type { Parameter } from '../../lib/query-state.ts';

/** A path of this Spanhouse, never an address elsewhere. */
const nextPath: Parameter<string> = {
	...textParameter('/'),
	decode: (text) => (/^\/(?![/\\])[^\\]{0,4000}$/.test(text) ? text : undefined),
};

export const loginQuery = {
	/** Of a link by which somebody chooses a password. */
	invitation: textParameter(),
	/** Why a login by the provider came to nothing. */
	refused: choiceParameter(['', 'account', 'failed'], ''),
	/** Where to go on, below the base path. */
	next: nextPath,
};
