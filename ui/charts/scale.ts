import { formatClock, formatDate } from '../lib/time-format.ts';
import type { Zone } from '../lib/time-format.ts';

/** Round values from 0 up to at least `max`, about `count` of them: the last is the top of the axis. */
export function roundTicks(max: number, count: number): number[] {
	if (!(max > 0) || !Number.isFinite(max)) return [0, 1];
	const rough = max / count;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
	const ticks: number[] = [];
	// 3 × 0.025 is 0.07500000000000001.
	const tick = (i: number): number => Number((i * step).toPrecision(12));
	for (let i = 0; i * step < max * 0.9999; i++) ticks.push(tick(i));
	return [...ticks, tick(ticks.length)];
}

/** Durations in nanoseconds have round values of their own above a minute. */
const DURATION_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400].map(
	(seconds) => seconds * 1e9,
);

export function durationTicks(maxNano: number, count: number): number[] {
	if (maxNano < 60e9) return roundTicks(maxNano, count);
	const step = DURATION_STEPS.find((candidate) => candidate >= maxNano / count);
	if (step === undefined) return roundTicks(maxNano, count);
	return Array.from({ length: Math.ceil(maxNano / step) + 1 }, (_, i) => i * step);
}

const TIME_STEPS_MS = [1, 2, 5, 10, 15, 30]
	.map((seconds) => seconds * 1000)
	.concat([1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000))
	.concat([1, 2, 3, 6, 12].map((hours) => hours * 3_600_000))
	.concat([1, 2, 7, 14, 30].map((days) => days * 86_400_000));

export interface TimeTick {
	tMs: number;
	label: string;
}

/** Round times within the window, at most `count`, with a date where the day changes. */
export function timeTicks(fromMs: number, toMs: number, count: number, zone: Zone): TimeTick[] {
	if (!(toMs > fromMs) || count < 1) return [];
	const stepMs = TIME_STEPS_MS.find((candidate) => (toMs - fromMs) / candidate <= count) ?? toMs - fromMs;
	// Round in the reader's zone: hours and days start where clocks there say so.
	const offsetMs = zone === 'utc' ? 0 : new Date(fromMs).getTimezoneOffset() * 60_000;
	const first = Math.ceil((fromMs - offsetMs) / stepMs) * stepMs + offsetMs;
	const ticks: TimeTick[] = [];
	for (let tMs = first; tMs <= toMs; tMs += stepMs) ticks.push({ tMs, label: tickLabel(tMs, stepMs, zone) });
	return ticks;
}

function tickLabel(tMs: number, stepMs: number, zone: Zone): string {
	const isMidnight = formatClock(tMs, zone) === '00:00:00';
	if (stepMs >= 86_400_000 || isMidnight) return formatDate(tMs, zone).slice(5);
	return formatClock(tMs, zone, stepMs < 60_000 ? 'second' : 'minute');
}

/** An SVG path through the points; a null leaves a gap, a lone point becomes a short dash. */
export function linePath(
	values: readonly (number | null)[],
	x: (i: number) => number,
	y: (value: number) => number,
): string {
	let path = '';
	let isOpen = false;
	for (const [i, value] of values.entries()) {
		if (value === null) {
			isOpen = false;
			continue;
		}
		const point = `${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
		path += isOpen ? `L${point}` : `M${point}h0.01`;
		isOpen = true;
	}
	return path;
}

/** Largest of all values, 0 when there are none. */
export function largest(series: readonly (readonly (number | null)[])[]): number {
	let max = 0;
	for (const values of series) for (const value of values) if (value !== null && value > max) max = value;
	return max;
}

/** Smallest of all values, 0 when none is below. */
export function smallest(series: readonly (readonly (number | null)[])[]): number {
	let min = 0;
	for (const values of series) for (const value of values) if (value !== null && value < min) min = value;
	return min;
}

/** Round values from below the smallest to above the largest, 0 among them: about `count` on the longer side. */
export function ticksAround(
	min: number,
	max: number,
	count: number,
	ticksOf: (max: number, count: number) => number[],
): number[] {
	if (min >= 0) return ticksOf(max, count);
	const [first = 0, second = 1] = ticksOf(Math.max(max, -min), count);
	const step = second - first;
	const from = Math.floor(min / step + 1e-9);
	const to = Math.max(0, Math.ceil(max / step - 1e-9));
	return Array.from({ length: to - from + 1 }, (_, i) => Number(((from + i) * step).toPrecision(12)));
}

/** Where each bar of a stack begins: the sum of those below it in the same step. */
export function stackBases(series: readonly (readonly (number | null)[])[]): number[][] {
	const sums: number[] = [];
	return series.map((values) =>
		values.map((value, i) => {
			const base = sums[i] ?? 0;
			sums[i] = base + (value ?? 0);
			return base;
		}),
	);
}
