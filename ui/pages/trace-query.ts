import { integerParameter } from '../lib/query-state.ts';

/** `at`: Unix milliseconds of the trace's last known end, where the server looks first. */
export const traceQuery = { at: integerParameter(0, 8.64e15) };
