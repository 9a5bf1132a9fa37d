import type { Red, RedAnswer, RedPoint, TimeWindow } from '../../../schema/api.ts';
import { comparedWindow } from '../../../schema/compared-window.ts';
import { secondsOf, stepRate, stepRates } from '../../charts/step-rate.ts';
import type { Comparison } from '../../../schema/compared-window.ts';
import type { ChartSteps, Series } from '../../charts/chart-data.ts';

/** What the three charts of a service draw. */
export interface RedSeries {
	steps: ChartSteps;
	rate: Series[];
	/** Of each of these, over the whole window. */
	rates: number[];
	rateBefore: Series[];
	failures: Series[];
	failuresBefore: Series[];
	latency: Series[];
	latencyBefore: Series[];
	/** Of all points. */
	requests: number;
	errors: number;
	/** Of the window. */
	seconds: number;
}

const CLASSES = [
	{ name: 'other', color: 'var(--info)', index: 0 },
	{ name: '1xx', color: 'var(--text-faint)', index: 1 },
	{ name: '2xx', color: 'var(--ok)', index: 2 },
	{ name: '3xx', color: 'var(--text-faint)', index: 3 },
	{ name: '4xx', color: 'var(--warn)', index: 4 },
	{ name: '5xx', color: 'var(--error)', index: 5 },
] as const;

const failureRatio = ({ requests, errors }: Red): number | null => (requests === 0 ? null : errors / requests);

/** `earlierName`: what stands behind the names of figures that are compared. */
export function redSeries(
	{ points, before, stepMs, window }: Omit<RedAnswer, 'versions'>,
	comparison: Comparison,
	earlierName: string,
): RedSeries {
	const windowBefore = comparedWindow(window, comparison);
	// The windows need not begin at the same place of a step, so there may be one point more on either side.
	const earlier = points.map((_, i) => before[i + Math.max(0, before.length - points.length)]);
	const of = (name: string, color: string, value: (point: RedPoint) => number | null): [Series[], Series[]] => [
		[{ name, color, values: points.map(value) }],
		[
			{
				name: `${name} ${earlierName}`,
				short: earlierName,
				color,
				values: earlier.map((point) => (point === undefined ? null : value(point))),
			},
		],
	];
	const [, rateBefore] = of('requests', 'var(--info)', ({ requests, tMs }) =>
		stepRate(requests, tMs, stepMs, windowBefore),
	);
	const [failures, failuresBefore] = of('failed', 'var(--error)', failureRatio);
	// Three shades of one hue: the slower the quantile, the stronger the line.
	const quantiles = [
		of('p99', 'var(--text)', (point) => point.p99Nano),
		of('p95', 'var(--accent)', (point) => point.p95Nano),
		of('p50', 'var(--text-faint)', (point) => point.p50Nano),
	];
	return {
		steps: {
			timesMs: points.map((point) => point.tMs),
			stepMs,
			fromMs: points[0]?.tMs ?? 0,
			toMs: (points.at(-1)?.tMs ?? 0) + stepMs,
		},
		...rateSeries(points, stepMs, window),
		rateBefore,
		failures,
		failuresBefore,
		latency: quantiles.flatMap(([series]) => series),
		// One of the three says enough of how it was.
		latencyBefore: quantiles[1]?.[1] ?? [],
		requests: points.reduce((sum, point) => sum + point.requests, 0),
		errors: points.reduce((sum, point) => sum + point.errors, 0),
		seconds: secondsOf(window),
	};
}

/** By status class where there are any; what has none is one colour. */
function rateSeries(
	points: RedAnswer['points'],
	stepMs: number,
	window: TimeWindow,
): Pick<RedSeries, 'rate' | 'rates'> {
	const seen = CLASSES.filter(({ index }) => points.some((point) => (point.statusClasses[index] ?? 0) > 0));
	const hasClasses = seen.some(({ index }) => index !== 0);
	const drawn = hasClasses ? seen : [{ name: 'requests', color: 'var(--info)', index: undefined }];
	const timesMs = points.map(({ tMs }) => tMs);
	const counted = drawn.map(({ name, color, index }) => {
		const counts = points.map(({ requests, statusClasses }) =>
			index === undefined ? requests : (statusClasses[index] ?? 0),
		);
		const values = stepRates(counts, timesMs, stepMs, window);
		const total = counts.reduce((sum, count) => sum + count, 0);
		return { series: { name, color, values }, rate: total / secondsOf(window) };
	});
	return { rate: counted.map(({ series }) => series), rates: counted.map(({ rate }) => rate) };
}
