import type { ComparedSpan } from '../../../collector/analysis/compare-traces.ts';
import type { Trace } from '../../../schema/trace-columns.ts';
import { durationOf } from '../span-facts.ts';

export type Difference = 'added' | 'removed' | 'slower' | 'faster' | 'same';

/** Less is what clocks and luck make of the same work. */
const LEAST_RATIO = 0.2;
const LEAST_NANO = 1e6;

export function differenceOf(before: Trace, after: Trace, span: ComparedSpan): Difference {
	if (span.before < 0) return 'added';
	if (span.after < 0) return 'removed';
	const [was, is] = [durationOf(before, span.before), durationOf(after, span.after)];
	const change = is - was;
	if (Math.abs(change) < LEAST_NANO || Math.abs(change) < was * LEAST_RATIO) return 'same';
	return change > 0 ? 'slower' : 'faster';
}

/** The spans that differ, and those above them. */
export function onlyDifferent(spans: readonly ComparedSpan[], differences: readonly Difference[]): number[] {
	const shown: number[] = [];
	// From the last to the first: a span stands above those that follow it deeper.
	let wanted = -1;
	for (let index = spans.length - 1; index >= 0; index--) {
		const depth = spans[index]?.depth ?? 0;
		const isAbove = depth < wanted;
		if (differences[index] === 'same' && !isAbove) continue;
		shown.push(index);
		wanted = depth;
	}
	return shown.reverse();
}
