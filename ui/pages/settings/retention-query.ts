import { integerParameter } from '../../lib/query-state.ts';

/** `days`: of a retention to try out. */
export const retentionQuery = { days: integerParameter(1, 3_650) };
