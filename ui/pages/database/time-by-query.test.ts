import { expect, test } from 'vitest';
import type { QueryGroup } from '../../../schema/api-database.ts';
import { timeByQuery } from './time-by-query.ts';

const group = (summary: string, points: number[]): QueryGroup => ({
	fingerprint: '0'.repeat(16),
	system: 'postgresql',
	namespace: 'shop',
	summary,
	text: '',
	calls: 1,
	errors: 0,
	totalNano: points.reduce((sum, nano) => sum + nano, 0),
	p50Nano: null,
	p95Nano: null,
	p99Nano: null,
	shareRatio: 0,
	services: [],
	rows: null,
	repeats: null,
	points,
	query: '',
});
const window = { fromMs: 61_000, toMs: 181_000 };

test('the stack of every step is the time of all queries in it, whoever has a name', () => {
	const queries = Array.from({ length: 8 }, (_, i) => group(`SELECT ${i}`, [i, 2 * i, 7]));
	const { series, steps, totals } = timeByQuery({ queries, stepMs: 60_000, window });
	expect(steps.timesMs).toEqual([60_000, 120_000, 180_000]);
	expect(series.map(({ name }) => name)).toEqual([
		'SELECT 7',
		'SELECT 6',
		'SELECT 5',
		'SELECT 4',
		'SELECT 3',
		'3 others',
	]);
	expect(steps.timesMs.map((_, step) => series.reduce((sum, { values }) => sum + (values[step] ?? 0), 0))).toEqual([
		28, 56, 56,
	]);
	expect(totals.reduce((sum, nano) => sum + nano, 0)).toBe(140);
});

test('queries that read alike keep a series each', () => {
	const { series } = timeByQuery({ queries: [group('SELECT a', [2]), group('SELECT a', [1])], stepMs: 60_000, window });
	expect(series.map(({ name, values }) => [name, values[0]])).toEqual([
		['SELECT a', 2],
		['SELECT a (2)', 1],
	]);
});

test('no query is an empty chart of one step', () => {
	expect(timeByQuery({ queries: [], stepMs: 60_000, window })).toMatchObject({ series: [], totals: [] });
});
