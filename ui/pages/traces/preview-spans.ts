import { pathSteps } from '../../trace/lists/path-list.ts';
import { hasFlag, startOf } from '../../trace/span-facts.ts';
import type { Trace } from '../../../schema/trace-columns.ts';

export interface PreviewRow {
	row: number;
	/** Spent waiting for it, or that it took. */
	nano: number;
}

const MOST = 6;

/** The spans that failed first, and those that the trace waited for the longest. */
export function previewSpans(trace: Trace): { errors: PreviewRow[]; path: PreviewRow[] } {
	const failed: number[] = [];
	for (let row = 0; row < trace.count; row++) if (hasFlag(trace, row, 'error')) failed.push(row);
	failed.sort((a, b) => startOf(trace, a) - startOf(trace, b) || a - b);
	const steps = pathSteps(trace).toSorted((a, b) => b.nano - a.nano || a.row - b.row);
	return {
		errors: failed.slice(0, MOST).map((row) => ({ row, nano: trace.duration[row] ?? 0 })),
		path: steps.slice(0, MOST).map(({ row, nano }) => ({ row, nano })),
	};
}
