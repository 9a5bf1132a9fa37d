import type { Red, RedAnswer } from '../../../schema/api.ts';
import type { ChartSteps, Series } from '../../charts/chart-data.ts';

/** What the three charts of a service draw. */
export interface RedSeries {
	steps: ChartSteps;
	rate: Series[];
	rateBefore: Series[];
	failures: Series[];
	failuresBefore: Series[];
	latency: Series[];
	latencyBefore: Series[];
	/** Of all points. */
	requests: number;
	errors: number;
	/** That the points cover. */
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
export function redSeries({ points, before, stepMs }: Omit<RedAnswer, 'versions'>, earlierName: string): RedSeries {
	const stepSeconds = stepMs / 1000;
	const perSecond = (requests: number): number => requests / stepSeconds;
	// The windows need not begin at the same place of a step, so there may be one point more on either side.
	const earlier = points.map((_, i) => before[i + Math.max(0, before.length - points.length)]);
	const of = (name: string, color: string, value: (point: Red) => number | null): [Series[], Series[]] => [
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
	const [, rateBefore] = of('requests', 'var(--info)', (point) => perSecond(point.requests));
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
		rate: rateSeries(points, perSecond),
		rateBefore,
		failures,
		failuresBefore,
		latency: quantiles.flatMap(([series]) => series),
		// One of the three says enough of how it was.
		latencyBefore: quantiles[1]?.[1] ?? [],
		requests: points.reduce((sum, point) => sum + point.requests, 0),
		errors: points.reduce((sum, point) => sum + point.errors, 0),
		seconds: Math.max(1, points.length * stepSeconds),
	};
}

/** By status class where there are any; what has none is one colour. */
function rateSeries(points: RedAnswer['points'], perSecond: (requests: number) => number): Series[] {
	const seen = CLASSES.filter(({ index }) => points.some((point) => (point.statusClasses[index] ?? 0) > 0));
	if (seen.every(({ index }) => index === 0)) {
		return [{ name: 'requests', color: 'var(--info)', values: points.map((point) => perSecond(point.requests)) }];
	}
	return seen.map(({ name, color, index }) => ({
		name,
		color,
		values: points.map((point) => perSecond(point.statusClasses[index] ?? 0)),
	}));
}
