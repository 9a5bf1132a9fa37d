import { serviceColor } from '../../lib/service-hue.ts';
import type { ChartSteps, Series } from '../../charts/chart-data.ts';
import type { SeriesAnswer } from '../../../schema/api-measures.ts';

/** One line and its row in the table. */
export interface SeriesRow {
	name: string;
	color: string;
	/** Undefined for all that is beyond the limit, together. */
	group: Readonly<Record<string, string>> | undefined;
	/** Over the whole window. */
	value: number | null;
	requests: number;
	/** By step. */
	values: readonly (number | null)[];
}

export interface DrawnSeries {
	steps: ChartSteps;
	rows: SeriesRow[];
	series: Series[];
}

const HUES = 24;

/** `word`: what a series without groups is called. */
export function drawSeries(answer: SeriesAnswer, word: string): DrawnSeries {
	const all: (Omit<SeriesAnswer['series'][number], 'group'> & { group?: Record<string, string> })[] = [
		...answer.series,
		...(answer.other === undefined ? [] : [answer.other]),
	];
	const timesMs = [...new Set(all.flatMap(({ points }) => points.map(({ tMs }) => tMs)))].sort((a, b) => a - b);
	const names = uniqueNames(all.map(({ group }) => (group === undefined ? 'all others' : nameOf(group, word))));
	const rows = all.map(({ group, value, requests, points }, i): SeriesRow => {
		const byTime = new Map(points.map((point) => [point.tMs, point.value]));
		return {
			name: names[i] ?? '',
			color: colorOf(group, i),
			group,
			value,
			requests,
			values: timesMs.map((tMs) => byTime.get(tMs) ?? null),
		};
	});
	const { stepMs, window } = answer;
	const fromMs = timesMs[0] ?? window.fromMs;
	const steps = { timesMs, stepMs, fromMs, toMs: (timesMs.at(-1) ?? window.toMs - stepMs) + stepMs };
	return { steps, rows, series: rows.map(({ name, color, values }) => ({ name, color, values })) };
}

function nameOf(group: Readonly<Record<string, string>>, word: string): string {
	const values = Object.values(group);
	return values.length === 0 ? word : values.map((value) => (value === '' ? '(none)' : value)).join(' · ');
}

/** Strangers choose the values: two groups may read alike, and still are two. */
function uniqueNames(names: readonly string[]): string[] {
	const taken = new Set<string>();
	return names.map((name) => {
		let unique = name;
		for (let n = 2; taken.has(unique); n++) unique = `${name} (${n})`;
		taken.add(unique);
		return unique;
	});
}

/** A service has its own hue everywhere; other groups have those that lie far apart. */
function colorOf(group: Readonly<Record<string, string>> | undefined, index: number): string {
	if (group === undefined) return 'var(--text-faint)';
	const [[key, value] = ['', ''], ...more] = Object.entries(group);
	if (key === 'service' && more.length === 0) return serviceColor(value);
	return `var(--hue-${(index * 2) % HUES})`;
}
