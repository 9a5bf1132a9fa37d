import { formatDuration } from '../lib/format.ts';
import type { TimeSpan } from './trace-query.ts';

export interface Tick {
	nano: number;
	label: string;
}

const UNITS: readonly [nano: number, name: string][] = [
	[1e9, 's'],
	[1e6, 'ms'],
	[1e3, 'µs'],
	[1, 'ns'],
];
/** From a minute on, steps people count in. */
const LONG_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400].map(
	(s) => s * 1e9,
);

/** Round moments within `zoom`, about `wanted` of them. All labels carry the unit of the step, so that they compare. */
export function rulerTicks(zoom: TimeSpan, wanted: number): Tick[] {
	const step = stepOf((zoom.to - zoom.from) / Math.max(1, wanted));
	const ticks: Tick[] = [];
	for (let index = Math.ceil(zoom.from / step); index * step <= zoom.to && ticks.length < 200; index++) {
		ticks.push({ nano: index * step, label: tickLabel(index * step, zoom.to, step) });
	}
	return ticks;
}

function stepOf(least: number): number {
	if (least >= 30e9) return LONG_STEPS.find((step) => step >= least) ?? Math.ceil(least / 86_400e9) * 86_400e9;
	const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
	return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power;
}

function tickLabel(nano: number, largest: number, step: number): string {
	if (nano === 0) return '0';
	if (isToldByTwoUnits(largest, step)) return formatDuration(nano);
	const [unit, name] = UNITS.find(([unit]) => largest >= unit) ?? [1, 'ns'];
	const decimals = Math.max(0, Math.ceil(-Math.log10(step / unit) - 1e-9));
	return `${(nano / unit).toFixed(Math.min(decimals, 9))}\u00a0${name}`;
}

/** `3 m 12 s` is exact to the second, `2 h 5 m` to the minute, `3 d 4 h` to the hour. */
const isToldByTwoUnits = (largest: number, step: number): boolean =>
	(largest >= 120e9 && largest < 3600e9 - 1e9 && step >= 1e9) ||
	(largest >= 3600e9 && largest < 86_400e9 - 60e9 && step >= 60e9) ||
	(largest >= 3600e9 && step >= 3600e9);
