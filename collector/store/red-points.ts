import type { RedPoint, TimeWindow } from '../../schema/api.ts';
import type { NativeTable } from './native-reader.ts';
import { RedSums } from './red-sums.ts';

/** A point for every step that touches the window, at multiples of the step since the epoch; the outer ones may be partial. */
export function redPoints(steps: ReadonlyMap<number, RedSums>, window: TimeWindow, stepMs: number): RedPoint[] {
	const empty = new RedSums().red();
	const all: RedPoint[] = [];
	for (let step = Math.floor(window.fromMs / stepMs); step * stepMs < window.toMs; step += 1) {
		all.push({ tMs: step * stepMs, ...(steps.get(step)?.red() ?? empty) });
	}
	return all;
}

const noClasses = (): number[] => [0, 0, 0, 0, 0, 0];

/** The same of the window that another is compared with, as much as its sparkline needs. */
export const pointsBefore = (
	steps: ReadonlyMap<number, RedSums>,
	window: TimeWindow,
	stepMs: number,
): Pick<RedPoint, 'requests' | 'p95Nano'>[] =>
	redPoints(steps, window, stepMs).map(({ requests, p95Nano }) => ({ requests, p95Nano }));

/** Requests of a step by first digit of the HTTP status code. */
export function statusClasses(table: NativeTable): (step: number) => number[] {
	const step = table.numbers('step', 'int64');
	const statusClass = table.numbers('status_class', 'uint8');
	const requests = table.numbers('allRequests', 'float64');
	const counts = new Map<number, number[]>();
	for (let row = 0; row < table.rows; row += 1) {
		const found = counts.get(Number(step[row])) ?? noClasses();
		counts.set(Number(step[row]), found);
		const index = statusClass[row] ?? 0;
		found[index] = (found[index] ?? 0) + (requests[row] ?? 0);
	}
	return (of) => counts.get(of) ?? noClasses();
}
