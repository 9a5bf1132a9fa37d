import { parseDuration } from '../../schema/query-value.ts';

/** Milliseconds of a duration that the schema has let through, such as `1h30m`. */
export const durationMs = (text: string): number => Number(parseDuration(text) ?? 0n) / 1e6;
