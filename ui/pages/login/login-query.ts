import { textParameter } from '../../lib/query-state.ts';
import type { Parameter } from '../../lib/query-state.ts';

/** A path of this Spanhouse, never an address elsewhere. */
const nextPath: Parameter<string> = {
	...textParameter('/'),
	decode: (text) => (/^\/(?![/\\])[^\\]{0,4000}$/.test(text) ? text : undefined),
};

export const loginQuery = {
	/** Of a link by which somebody chooses a password. */
	invitation: textParameter(),
	/** Where to go on, below the base path. */
	next: nextPath,
};
