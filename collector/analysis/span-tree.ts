import { SPAN_FLAGS } from '../../schema/trace-columns.ts';
import type { TraceColumns } from '../../schema/trace-columns.ts';
import type { TraceSpans } from '../../schema/trace-spans.ts';
import { childLists, topDown } from './child-lists.ts';
import type { ChildLists } from './child-lists.ts';
import { clockSkew } from './clock-skew.ts';
import { criticalPath } from './critical-path.ts';
import { LINK_NOTES, linkParents } from './link-parents.ts';
import type { LinkedSpans } from './link-parents.ts';
import { selfTimes } from './self-time.ts';
import type { SpanTree } from './span-rows.ts';

/** A trace in the order in which it is drawn, with what only the whole of it can tell: O(n log n), any depth. */
export function arrangeTrace(spans: TraceSpans): TraceColumns {
	const baseUnixNano = earliest(spans.startUnixNano);
	const start = new Float64Array(spans.count);
	for (let span = 0; span < spans.count; span++) start[span] = Number((spans.startUnixNano[span] ?? 0n) - baseUnixNano);
	const linked = linkParents({ ...spans, start });
	const skew = clockSkew({
		start,
		duration: spans.durationNano,
		kind: spans.kind,
		parent: linked.parent,
		topDown: topDown(linked.kept, childLists(linked.kept, linked.parent)),
		clock: spans.clock,
	});
	for (const span of linked.kept) start[span] = (start[span] ?? 0) + (skew[span] ?? 0);
	const origin = linked.kept.reduce(
		(least, span) => Math.min(least, start[span] ?? 0),
		linked.kept.length > 0 ? Infinity : 0,
	);
	const order = byStart(linked.kept, start, spans.durationNano);
	const rows = preOrder(childLists(order, linked.parent), linked.parent);
	const tree = treeOfRows(rows, linked.parent, start, spans.durationNano, origin);
	return { ...columns(spans, rows, tree, linked, skew), baseUnixNano: baseUnixNano + BigInt(Math.round(origin)) };
}

function earliest(startUnixNano: BigUint64Array): bigint {
	let least = startUnixNano[0] ?? 0n;
	for (const nano of startUnixNano) if (nano < least) least = nano;
	return least;
}

/** Of spans that start together the longer one first: most likely it is the one around the other. */
function byStart(kept: Uint32Array, start: Float64Array, duration: Float64Array): Uint32Array {
	return kept
		.slice()
		.sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0) || (duration[b] ?? 0) - (duration[a] ?? 0) || a - b);
}

function preOrder(lists: ChildLists, parent: Int32Array): Uint32Array {
	const rows: number[] = [];
	let span = lists.first[parent.length] ?? -1;
	while (span >= 0) {
		rows.push(span);
		let following = lists.first[span] ?? -1;
		for (let above = span; following < 0 && above >= 0; above = parent[above] ?? -1)
			following = lists.next[above] ?? -1;
		span = following;
	}
	return Uint32Array.from(rows);
}

function treeOfRows(
	rows: Uint32Array,
	parentOf: Int32Array,
	startOf: Float64Array,
	durationOf: Float64Array,
	origin: number,
): SpanTree {
	const count = rows.length;
	const rowOf = new Int32Array(parentOf.length);
	for (let row = 0; row < count; row++) rowOf[rows[row] ?? 0] = row;
	const tree: SpanTree = {
		count,
		start: take(startOf, rows, new Float64Array(count)),
		duration: take(durationOf, rows, new Float64Array(count)),
		parent: new Int32Array(count),
		end: new Uint32Array(count),
		depth: new Uint32Array(count),
	};
	for (let row = 0; row < count; row++) {
		const parent = parentOf[rows[row] ?? 0] ?? -1;
		const above = parent < 0 ? -1 : (rowOf[parent] ?? -1);
		tree.start[row] = (tree.start[row] ?? 0) - origin;
		tree.parent[row] = above;
		tree.end[row] = row + 1;
		tree.depth[row] = depthBelow(tree, above);
	}
	closeSubtrees(tree);
	return tree;
}

const depthBelow = (tree: SpanTree, above: number): number => (above < 0 ? 0 : (tree.depth[above] ?? 0) + 1);

/** The entries of `from` in the order of the rows. A loop: `TypedArray.from` with a function takes ten times as long. */
function take<Column extends Float64Array | Uint32Array | Uint16Array | Uint8Array>(
	from: Column,
	rows: Uint32Array,
	into: Column,
): Column {
	for (let row = 0; row < rows.length; row++) into[row] = from[rows[row] ?? 0] ?? 0;
	return into;
}

function takeIds(from: BigUint64Array, rows: Uint32Array): BigUint64Array {
	const ids = new BigUint64Array(rows.length);
	for (let row = 0; row < rows.length; row++) ids[row] = from[rows[row] ?? 0] ?? 0n;
	return ids;
}

/** From the last row to the first, so that every subtree is complete before it is added to the one around it. */
function closeSubtrees({ count, parent, end }: SpanTree): void {
	for (let row = count - 1; row >= 0; row--) {
		const above = parent[row] ?? -1;
		if (above >= 0) end[above] = Math.max(end[above] ?? 0, end[row] ?? 0);
	}
}

function columns(
	spans: TraceSpans,
	rows: Uint32Array,
	tree: SpanTree,
	linked: LinkedSpans,
	skew: Float64Array,
): Omit<TraceColumns, 'baseUnixNano'> {
	const flags = new Uint16Array(rows.length);
	rows.forEach((span, row) => (flags[row] = flagsOf(spans, span, linked.notes[span] ?? 0, skew[span] ?? 0)));
	const path = criticalPath(tree, mainRoot(tree, flags));
	for (const row of path.row) flags[row] = (flags[row] ?? 0) | SPAN_FLAGS.critical;
	const having = (flag: number): number => {
		let found = 0;
		for (let row = 0; row < flags.length; row++) if (((flags[row] ?? 0) & flag) !== 0) found++;
		return found;
	};
	return {
		...tree,
		id: takeIds(spans.spanId, rows),
		service: take(spans.service, rows, new Uint32Array(rows.length)),
		name: take(spans.name, rows, new Uint32Array(rows.length)),
		operation: take(spans.operation, rows, new Uint32Array(rows.length)),
		kind: take(spans.kind, rows, new Uint8Array(rows.length)),
		type: take(spans.type, rows, new Uint8Array(rows.length)),
		httpStatus: take(spans.httpStatus, rows, new Uint16Array(rows.length)),
		events: take(spans.events, rows, new Uint16Array(rows.length)),
		links: take(spans.links, rows, new Uint16Array(rows.length)),
		flags,
		self: selfTimes(tree),
		pathRow: path.row,
		pathFrom: path.from,
		pathTo: path.to,
		services: spans.services,
		names: spans.names,
		warnings: {
			missingParents: having(SPAN_FLAGS.orphan),
			loopsCut: having(SPAN_FLAGS.loopCut),
			skewAdjusted: having(SPAN_FLAGS.skewAdjusted),
			duplicatesRemoved: linked.duplicates,
		},
	};
}

const STATUS_ERROR = 2;

function flagsOf(spans: TraceSpans, span: number, notes: number, skew: number): number {
	let flags = 0;
	if (spans.error[span] === 1) flags |= SPAN_FLAGS.error;
	if (spans.statusCode[span] === STATUS_ERROR) flags |= SPAN_FLAGS.statusError;
	if ((spans.marks[span] ?? 0) !== 0) flags |= SPAN_FLAGS.marked;
	if (skew !== 0) flags |= SPAN_FLAGS.skewAdjusted;
	if ((notes & LINK_NOTES.missingParent) !== 0) flags |= SPAN_FLAGS.orphan;
	if ((notes & LINK_NOTES.cutLoop) !== 0) flags |= SPAN_FLAGS.loopCut;
	if ((notes & LINK_NOTES.sharedId) !== 0) flags |= SPAN_FLAGS.sharedId;
	return flags;
}

/** The root that stands for the trace: the first that was sent as one, else the longest. */
export function mainRoot(tree: SpanTree, flags: Uint16Array): number {
	let longest = 0;
	for (let row = 0; row < tree.count; row = tree.end[row] ?? tree.count) {
		if (((flags[row] ?? 0) & (SPAN_FLAGS.orphan | SPAN_FLAGS.loopCut)) === 0) return row;
		if ((tree.duration[row] ?? 0) > (tree.duration[longest] ?? 0)) longest = row;
	}
	return longest;
}
