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
	const { rate, requests, seconds } = redSeries(answer, 'prev', 'before');
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
	expect(redSeries(redAnswer({ points }), 'prev', 'before').rate.map(({ name }) => name)).toEqual(['requests']);
});

test('the window before lies behind step by step, ending with the same step', () => {
	const answer = redAnswer();
	const extra = { tMs: -60_000, requests: 7, errors: 0, ...figures };
	const { rateBefore, latencyBefore } = redSeries({ ...answer, before: [extra, ...answer.before] }, 'prev', 'before');
	expect(rateBefore[0]?.values).toEqual(answer.before.map(({ requests }) => requests / 60));
	expect(latencyBefore.map(({ name }) => name)).toEqual(['p95 before']);
});

test('a window that cuts its first and last step has the same rate from end to end', () => {
	const window = { fromMs: 3_600_000 + 20_000, toMs: 7_200_000 + 45_000 };
	// Ten requests a second: a fiftieth of them fails.
	const point = (tMs: number, { fromMs, toMs }: { fromMs: number; toMs: number }) => {
		const requests = (Math.min(tMs + 60_000, toMs) - Math.max(tMs, fromMs)) / 100;
		return { tMs, requests, errors: 0, ...figures };
	};
	const steps = Array.from({ length: 61 }, (_, i) => 3_600_000 + i * 60_000);
	const points = steps.map((tMs) => point(tMs, window)).map((one) => ({ ...one, statusClasses: [0, 0, one.requests * 0.98, 0, 0, one.requests * 0.02] })); // prettier-ignore
	const earlier = { fromMs: -5_000, toMs: window.fromMs };
	const before = Array.from({ length: 62 }, (_, i) => point(-60_000 + i * 60_000, earlier));
	const { rate, rates, rateBefore, seconds } = redSeries(redAnswer({ window, points, before }), 'prev', 'before');
	expect(seconds).toBe(3_625);
	expect(rates).toEqual([expect.closeTo(9.8), expect.closeTo(0.2)]);
	for (const [i, values] of rate.map((one) => one.values).entries())
		for (const value of values) expect(value).toBeCloseTo([9.8, 0.2][i]);
	for (const value of rateBefore[0].values) expect(value).toBeCloseTo(10);
});
