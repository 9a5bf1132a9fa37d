import type { ChartSteps } from './chart-data.ts';

interface Point {
	/** End of what the value covers. */
	tMs: number;
	value: number | null;
}

/**
 * Steps for a chart of many evaluations: at most `most`, each a whole number of `everyMs` long. The last may reach
 * beyond the window.
 */
export function stepsFor(window: { fromMs: number; toMs: number }, everyMs: number, most: number): ChartSteps {
	const lengthMs = Math.max(1, window.toMs - window.fromMs);
	const stepMs = everyMs * Math.max(1, Math.ceil(lengthMs / everyMs / most));
	const count = Math.max(1, Math.ceil(lengthMs / stepMs));
	const timesMs = Array.from({ length: count }, (_, i) => window.fromMs + i * stepMs);
	return { timesMs, stepMs, fromMs: window.fromMs, toMs: window.fromMs + count * stepMs };
}

/**
 * The extreme of each step, so that thinning hides no peak (`max`) and no dip (`min`). A value belongs to the step in
 * which its window ended, the step's own end included.
 */
export function extremesOf(points: readonly Point[], steps: ChartSteps, keep: 'max' | 'min'): (number | null)[] {
	const values = Array.from<number | null>({ length: steps.timesMs.length }).fill(null);
	for (const { tMs, value } of points) {
		if (value === null || tMs <= steps.fromMs || tMs > steps.toMs) continue;
		const index = Math.ceil((tMs - steps.fromMs) / steps.stepMs) - 1;
		const known = values[index] ?? null;
		if (known === null || (keep === 'max' ? value > known : value < known)) values[index] = value;
	}
	return values;
}
