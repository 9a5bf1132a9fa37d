import type { RepeatedCalls } from '../../../schema/api-database.ts';

/** About how much shorter one call in place of all would be: what they were busy with, less one call's share. */
export const savedNano = (calls: Pick<RepeatedCalls, 'repeats' | 'busyNano' | 'totalNano'> | undefined): number =>
	calls === undefined ? 0 : Math.max(0, calls.busyNano - calls.totalNano / Math.max(1, calls.repeats));
