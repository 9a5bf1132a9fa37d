import type { ChartSteps, Series } from '../../charts/chart-data.ts';
import { cutMiddle } from '../../lib/format.ts';
import type { QueriesAnswer } from '../../../schema/api-database.ts';

/** More colours nobody tells apart; the rest is one. */
const NAMED = 5;
const LONGEST_NAME = 28;

/** Time of the queries by step, those with the most time by name. `totals` are of the whole window, in the order of the series. */
export function timeByQuery(answer: Pick<QueriesAnswer, 'queries' | 'stepMs' | 'window'>): {
	steps: ChartSteps;
	series: Series[];
	totals: number[];
} {
	const { queries, stepMs, window } = answer;
	const fromMs = Math.floor(window.fromMs / stepMs) * stepMs;
	const count = Math.max(1, ...queries.map(({ points }) => points.length));
	const timesMs = Array.from({ length: count }, (_, step) => fromMs + step * stepMs);
	const sorted = queries.toSorted((a, b) => b.totalNano - a.totalNano);
	const rest = sorted.slice(NAMED);
	const valuesOf = (groups: typeof queries): number[] =>
		timesMs.map((_, step) => groups.reduce((sum, { points }) => sum + (points[step] ?? 0), 0));
	const series = sorted.slice(0, NAMED).map((group, index) => ({
		name: nameOf(group, sorted, index),
		color: `var(--hue-${index * 5})`,
		values: valuesOf([group]),
	}));
	if (rest.length > 0)
		series.push({ name: `${rest.length} others`, color: 'var(--text-faint)', values: valuesOf(rest) });
	return {
		steps: { timesMs, stepMs, fromMs, toMs: fromMs + count * stepMs },
		series,
		totals: [...sorted.slice(0, NAMED), ...(rest.length > 0 ? [rest] : [])].map((one) =>
			Array.isArray(one) ? one.reduce((sum, { totalNano }) => sum + totalNano, 0) : one.totalNano,
		),
	};
}

/** Different queries may read alike in short, and still are two. */
function nameOf(group: QueriesAnswer['queries'][number], all: QueriesAnswer['queries'], index: number): string {
	const short = cutMiddle(group.summary, LONGEST_NAME);
	const isTaken = all.slice(0, index).some(({ summary }) => cutMiddle(summary, LONGEST_NAME) === short);
	return isTaken ? `${short} (${index + 1})` : short;
}
