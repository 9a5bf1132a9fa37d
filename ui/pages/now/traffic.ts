import type { RedPoint, ServicesAnswer, TimeWindow } from '../../../schema/api.ts';
import type { ChartSteps } from '../../charts/chart-data.ts';

export interface Traffic {
	window: TimeWindow;
	steps: ChartSteps;
	/** A step each: requests that came into services and did not fail, and those that did. */
	succeeded: number[];
	failed: number[];
}

/** Requests of all services together. */
export function trafficOf({
	services,
	stepMs,
	window,
}: Pick<ServicesAnswer, 'services' | 'stepMs' | 'window'>): Traffic {
	const sums = new Map<number, { requests: number; errors: number }>();
	const add = ({ tMs, requests, errors }: RedPoint): void => {
		const sum = sums.get(tMs) ?? { requests: 0, errors: 0 };
		sums.set(tMs, { requests: sum.requests + requests, errors: sum.errors + errors });
	};
	for (const { points } of services) points.forEach(add);
	const timesMs = [...sums.keys()].sort((a, b) => a - b);
	const steps = {
		timesMs,
		stepMs,
		fromMs: timesMs[0] ?? window.fromMs,
		toMs: (timesMs.at(-1) ?? window.toMs - stepMs) + stepMs,
	};
	const values = timesMs.map((tMs) => sums.get(tMs) ?? { requests: 0, errors: 0 });
	return {
		window,
		steps,
		succeeded: values.map(({ requests, errors }) => requests - errors),
		failed: values.map(({ errors }) => errors),
	};
}
