import type { Comparison } from '../../schema/compared-window.ts';

/** What a window is compared with, after “against” or “than in”. */
export const COMPARED_WITH: Readonly<Record<Comparison, string>> = {
	prev: 'the window before',
	'7d': 'the same window 7 days earlier',
};

/** The same for a legend, and behind a figure's name. */
export const COMPARED_SHORT: Readonly<Record<Comparison, string>> = { prev: 'before', '7d': '7 d ago' };
