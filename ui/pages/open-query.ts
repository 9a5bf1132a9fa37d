import { textParameter } from '../lib/query-state.ts';
import { traceQuery } from '../trace/trace-query.ts';

/** What the address of an opened file says. The file itself is only in this tab. */
export const openQuery = {
	...traceQuery,
	/** Which trace of the file. */
	trace: textParameter(),
};
