import type { TraceColumns } from '../../schema/trace-columns.ts';
import { membersOf } from './repeats.ts';
import type { Repeats } from './repeats.ts';

export interface VisibleRows {
	/**
	 * What is shown, line by line: rows of the trace, and folded repeats as numbers from the trace's count on: group g is
	 * `count + g`.
	 */
	rows: Int32Array;
	/** Where a row or group is shown, -1 where it is not. */
	positionOf: Int32Array;
}

export interface Showing {
	/** Rows that hide what hangs below them. */
	collapsed: Uint8Array;
	/** Hides all it does not mark. */
	kept?: Uint8Array | undefined;
	/** Groups stand for their members, which follow one that is open. */
	repeats?: Repeats | undefined;
	openGroups?: Uint8Array | undefined;
	/** The row whose subtree alone is shown. */
	root?: number | undefined;
}

export function visibleRows(trace: Pick<TraceColumns, 'count' | 'end'>, showing: Showing): VisibleRows {
	return new Walk(trace, showing).run();
}

/** A stretch of rows still to be shown; `member` is its first row when that is shown as part of its group. */
interface Stretch {
	row: number;
	end: number;
	member: number;
}

class Walk {
	readonly #trace: Pick<TraceColumns, 'count' | 'end'>;
	readonly #showing: Showing;
	readonly #rows: Int32Array;
	readonly #positionOf: Int32Array;
	readonly #stretches: Stretch[] = [];
	#shown = 0;

	constructor(trace: Pick<TraceColumns, 'count' | 'end'>, showing: Showing) {
		this.#trace = trace;
		this.#showing = showing;
		const entries = trace.count + (showing.repeats?.count ?? 0);
		this.#rows = new Int32Array(entries);
		this.#positionOf = new Int32Array(entries).fill(-1);
	}

	run(): VisibleRows {
		const { root } = this.#showing;
		if (root === undefined) this.#stretches.push({ row: 0, end: this.#trace.count, member: -1 });
		else this.#stretches.push({ row: root, end: this.#endOf(root), member: root });
		for (let stretch = this.#stretches.at(-1); stretch !== undefined; stretch = this.#stretches.at(-1)) {
			if (stretch.row < stretch.end) this.#step(stretch);
			else this.#stretches.pop();
		}
		return { rows: this.#rows.subarray(0, this.#shown), positionOf: this.#positionOf };
	}

	#step(stretch: Stretch): void {
		const { row } = stretch;
		const { collapsed, kept, repeats } = this.#showing;
		stretch.row = this.#endOf(row);
		// Ancestors of what is kept are kept, so below one that isn't there is nothing.
		if (kept !== undefined && kept[row] !== 1) return;
		const group = row === stretch.member ? -1 : (repeats?.groupOf[row] ?? -1);
		if (repeats !== undefined && group >= 0) return this.#showGroup(repeats, group);
		this.#show(row);
		if (collapsed[row] !== 1) stretch.row = row + 1;
	}

	/** Once, where its first member is. */
	#showGroup(repeats: Repeats, group: number): void {
		const entry = this.#trace.count + group;
		if (this.#positionOf[entry] !== -1) return;
		this.#show(entry);
		if (this.#showing.openGroups?.[group] !== 1) return;
		for (const member of membersOf(repeats, group).toReversed()) {
			this.#stretches.push({ row: member, end: this.#endOf(member), member });
		}
	}

	#show(entry: number): void {
		this.#positionOf[entry] = this.#shown;
		this.#rows[this.#shown++] = entry;
	}

	#endOf(row: number): number {
		return this.#trace.end[row] ?? this.#trace.count;
	}
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
