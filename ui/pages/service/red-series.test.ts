import { expect, test } from 'vitest';
import { redSeries } from './red-series.ts';
import type { RedAnswer } from '../../../schema/api.ts';

const figures = { p50Nano: 9e6, p95Nano: 60e6, p99Nano: 210e6 };
const redAnswer = (facts: Partial<RedAnswer> = {}): RedAnswer => ({
	window: { fromMs: 3_600_000, toMs: 7_200_000 },
	stepMs: 60_000,
	points: Array.from({ length: 60 }, (_, i) => ({
		tMs: 3_600_000 + i * 60_000,
		requests: 600 + i,
		errors: i % 10,
		...figures,
		statusClasses: [0, 0, 600 + i - (i % 10), 0, 0, i % 10],
	})),
	before: Array.from({ length: 60 }, (_, i) => ({ tMs: i * 60_000, requests: 500 + i, errors: 3, ...figures })),
	versions: [],
	...facts,
});

test('rates are stacked by status class and add up to all requests', () => {
	const answer = redAnswer();
	const { rate, requests, seconds } = redSeries(answer, 'before');
	expect(rate.map(({ name }) => name)).toEqual(['2xx', '5xx']);
	for (const [i, point] of answer.points.entries()) {
		const sum = rate.reduce((total, { values }) => total + (values[i] ?? 0) * 60, 0);
		expect(sum).toBeCloseTo(point.statusClasses.reduce((a, b) => a + b, 0));
	}
	expect(requests).toBe(answer.points.reduce((sum, point) => sum + point.requests, 0));
	expect(seconds).toBe(3600);
});

test('requests without HTTP status codes are one series', () => {
	const points = redAnswer().points.map((point) => ({ ...point, statusClasses: [point.requests, 0, 0, 0, 0, 0] }));
	expect(redSeries(redAnswer({ points }), 'before').rate.map(({ name }) => name)).toEqual(['requests']);
});

test('the window before lies behind step by step, ending with the same step', () => {
	const answer = redAnswer();
	const extra = { tMs: -60_000, requests: 7, errors: 0, ...figures };
	const { rateBefore, latencyBefore } = redSeries({ ...answer, before: [extra, ...answer.before] }, 'before');
	expect(rateBefore[0]?.values).toEqual(answer.before.map(({ requests }) => requests / 60));
	expect(latencyBefore.map(({ name }) => name)).toEqual(['p95 before']);
});
