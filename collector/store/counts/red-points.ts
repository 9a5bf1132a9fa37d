import type { RedPoint, TimeWindow } from '../../../schema/api.ts';
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

/** Requests of each step by first digit of the HTTP status code. */
export class StatusClasses {
	readonly #counts = new Map<number, number[]>();

	add(step: number, statusClass: number, requests: number): void {
		const found = this.#counts.get(step) ?? noClasses();
		this.#counts.set(step, found);
		found[statusClass] = (found[statusClass] ?? 0) + requests;
	}

	of(step: number): number[] {
		return this.#counts.get(step) ?? noClasses();
	}
}
