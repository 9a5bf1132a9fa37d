import type { SpanTree } from './span-rows.ts';

/** From the end of the root backwards, without gaps: `row` kept everybody waiting from `from` to `to`. */
export interface CriticalPath {
	row: Uint32Array;
	from: Float64Array;
	to: Float64Array;
}

/** One span on the way down: what is left of its time, and its children by when they ended, the last one first. */
interface Visit {
	row: number;
	from: number;
	cursor: number;
	children: number[];
	nextChild: number;
}

/**
 * The chain of spans that the length of `root` is made of: at each moment the child that finished last before what
 * follows began, or the span itself where it waited for none. Children are seen only within their parent's time.
 */
export function criticalPath(tree: SpanTree, root: number): CriticalPath {
	const segments: [row: number, from: number, to: number][] = [];
	const endOf = (row: number): number => (tree.start[row] ?? 0) + (tree.duration[row] ?? 0);
	const visits = root < tree.count ? [visit(tree, root, tree.start[root] ?? 0, endOf(root))] : [];
	for (let current = visits.at(-1); current !== undefined; current = visits.at(-1)) {
		const child = lastFinished(tree, current);
		const waitedUntil = child === undefined ? current.from : Math.min(endOf(child), current.cursor);
		if (current.cursor > waitedUntil) segments.push([current.row, waitedUntil, current.cursor]);
		if (child === undefined) {
			visits.pop();
			continue;
		}
		const childFrom = Math.max(tree.start[child] ?? 0, current.from);
		current.cursor = childFrom;
		visits.push(visit(tree, child, childFrom, waitedUntil));
	}
	return {
		row: Uint32Array.from(segments, ([row]) => row),
		from: Float64Array.from(segments, ([, from]) => from),
		to: Float64Array.from(segments, ([, , to]) => to),
	};
}

function visit(tree: SpanTree, row: number, from: number, to: number): Visit {
	const children: number[] = [];
	const last = tree.end[row] ?? 0;
	for (let child = row + 1; child < last; child = tree.end[child] ?? last) {
		const childStart = tree.start[child] ?? 0;
		if (childStart < to && childStart + (tree.duration[child] ?? 0) > from) children.push(child);
	}
	// A child that outlives its parent ends with it, for these purposes; of two that end together the longer one counts.
	const endOf = (child: number): number => Math.min((tree.start[child] ?? 0) + (tree.duration[child] ?? 0), to);
	children.sort((a, b) => endOf(b) - endOf(a) || a - b);
	return { row, from, cursor: to, children, nextChild: 0 };
}

function lastFinished(tree: SpanTree, current: Visit): number | undefined {
	const isFirst = current.nextChild === 0;
	while (current.nextChild < current.children.length) {
		const child = current.children[current.nextChild++] ?? 0;
		if (isFirst || (tree.start[child] ?? 0) + (tree.duration[child] ?? 0) <= current.cursor) return child;
	}
	return undefined;
}
