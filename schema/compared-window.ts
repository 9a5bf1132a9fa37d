import type { TimeWindow } from './api.ts';

/** What a window is compared with: the one of the same length just before, or the same one seven days earlier. */
export const COMPARISONS = ['prev', '7d'] as const;
export type Comparison = (typeof COMPARISONS)[number];

const weekMs = 7 * 86_400_000;

/** Of the same length. Seven days earlier overlaps with a window that is longer than that. */
export function comparedWindow({ fromMs, toMs }: TimeWindow, comparison: Comparison): TimeWindow {
	const earlierMs = comparison === '7d' ? weekMs : toMs - fromMs;
	return { fromMs: fromMs - earlierMs, toMs: toMs - earlierMs };
}
