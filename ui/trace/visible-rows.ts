import type { TraceColumns } from '../../schema/trace-columns.ts';

export interface VisibleRows {
	/** Rows of the trace in the order in which they are shown. */
	rows: Int32Array;
	/** Where a row of the trace is shown, -1 where it is not. */
	positionOf: Int32Array;
}

/** What is shown when `collapsed` rows hide what hangs below them, and `kept` (if given) hides all it does not mark. */
export function visibleRows(
	trace: Pick<TraceColumns, 'count' | 'end'>,
	collapsed: Uint8Array,
	kept?: Uint8Array,
): VisibleRows {
	const rows = new Int32Array(trace.count);
	const positionOf = new Int32Array(trace.count).fill(-1);
	let shown = 0;
	for (let row = 0; row < trace.count;) {
		// Ancestors of what is kept are kept, so below one that isn't there is nothing.
		if (kept !== undefined && kept[row] !== 1) {
			row = trace.end[row] ?? trace.count;
			continue;
		}
		positionOf[row] = shown;
		rows[shown++] = row;
		row = collapsed[row] === 1 ? (trace.end[row] ?? trace.count) : row + 1;
	}
	return { rows: rows.subarray(0, shown), positionOf };
}

/** The rows marked in `matches` and all their ancestors. */
export function withAncestors(trace: Pick<TraceColumns, 'parent'>, matches: Uint8Array): Uint8Array {
	const kept = matches.slice();
	for (let row = kept.length - 1; row >= 0; row--) {
		const parent = trace.parent[row] ?? -1;
		if (kept[row] === 1 && parent >= 0) kept[parent] = 1;
	}
	return kept;
}
