import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SPAN_FLAGS } from '../../schema/trace-columns.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { arrangeTrace } from './span-tree.ts';

const span = (id: number, start: number, end: number, parent?: number): DrawnSpan => ({
	id: BigInt(id),
	start,
	end,
	...(parent !== undefined && { parent: BigInt(parent) }),
});
const pathOf = (...drawn: DrawnSpan[]): [id: number, from: number, to: number][] => {
	const trace = arrangeTrace(traceSpans(drawn));
	return Array.from(trace.pathRow, (row, index) => [
		Number(trace.id[row]),
		trace.pathFrom[index]!,
		trace.pathTo[index]!,
	]);
};

// 1   |---------------------|
// 2          |--------|          the only child: it owns its stretch
test('the critical path goes through the child that was waited for', () => {
	expect(pathOf(span(1, 0, 100), span(2, 30, 70, 1))).toEqual([
		[1, 70, 100],
		[2, 30, 70],
		[1, 0, 30],
	]);
});

// 1   |---------------------|
// 2     |--------|
// 3        |----------|          finishes last: 2 overlaps it and isn't waited for
test('of children that overlap, the one that finishes last counts', () => {
	expect(pathOf(span(1, 0, 100), span(2, 10, 60, 1), span(3, 40, 90, 1))).toEqual([
		[1, 90, 100],
		[3, 40, 90],
		[1, 0, 40],
	]);
});

// 1   |---------------------|
// 2   |------|                   3 begins when 2 ends
// 3          |------|
test('children one after the other are both on the path', () => {
	expect(pathOf(span(1, 0, 100), span(2, 0, 40, 1), span(3, 40, 80, 1))).toEqual([
		[1, 80, 100],
		[3, 40, 80],
		[2, 0, 40],
	]);
});

// 1   |----------|
// 2        |-----------|         outlives its parent
// 3                  |---|       begins after it
test('a child that outlives its parent counts until the parent ends, a later one not at all', () => {
	expect(pathOf(span(1, 0, 100), span(2, 50, 150, 1), span(3, 120, 140, 1))).toEqual([
		[2, 50, 100],
		[1, 0, 50],
	]);
});

test('grandchildren take their part of the child', () => {
	expect(pathOf(span(1, 0, 100), span(2, 20, 80, 1), span(3, 30, 50, 2))).toEqual([
		[1, 80, 100],
		[2, 50, 80],
		[3, 30, 50],
		[2, 20, 30],
		[1, 0, 20],
	]);
});

test('the path is that of the first true root, even when a lost branch began earlier', () => {
	const trace = arrangeTrace(traceSpans([span(9, 0, 500, 77), span(1, 10, 100)]));
	const critical = Array.from(trace.id).filter((_, row) => (trace.flags[row]! & SPAN_FLAGS.critical) !== 0);
	expect(critical).toEqual([1n]);
});

interface Node {
	id: number;
	start: number;
	end: number;
	children: Node[];
}

/** The definition, recursively: who is waited for at each moment, going backwards from the end. */
function waitedFor(node: Node, from: number, to: number): [number, number][] {
	const inside = node.children.filter((child) => child.start < to && child.end > from);
	const endOf = (child: Node): number => Math.min(child.end, to);
	const last = inside.sort((a, b) => endOf(b) - endOf(a) || a.start - b.start || b.end - a.end || a.id - b.id)[0];
	if (last === undefined) return moments(node.id, from, to);
	const childFrom = Math.max(last.start, from);
	const earlier = { ...node, children: node.children.filter((child) => child !== last && child.end <= childFrom) };
	return [
		...moments(node.id, endOf(last), to),
		...waitedFor(last, childFrom, endOf(last)),
		...waitedFor(earlier, from, childFrom),
	];
}
const moments = (id: number, from: number, to: number): [number, number][] =>
	Array.from({ length: Math.max(0, to - from) }, (_, index) => [from + index, id]);

test('agrees with the definition, moment by moment, and leaves no gap', () => {
	const records = fc.array(fc.record({ up: fc.nat(20), start: fc.nat(60), length: fc.integer({ min: 1, max: 60 }) }), {
		maxLength: 14,
	});
	fc.assert(
		fc.property(records, (list) => {
			const nodes: Node[] = [{ id: 1, start: 10, end: 60, children: [] }];
			const drawn = [span(1, 10, 60)];
			list.forEach(({ up, start, length }, index) => {
				const parent = nodes[up % nodes.length]!;
				const node = { id: index + 2, start, end: start + length, children: [] };
				parent.children.push(node);
				nodes.push(node);
				drawn.push(span(node.id, node.start, node.end, parent.id));
			});
			const origin = Math.min(...nodes.map((node) => node.start));
			const found = pathOf(...drawn).flatMap(([id, from, to]) => moments(id, from + origin, to + origin));
			const byMoment = (list: [number, number][]): [number, number][] => list.sort((a, b) => a[0] - b[0]);
			expect(byMoment(found)).toEqual(byMoment(waitedFor(nodes[0]!, 10, 60)));
			expect(found).toHaveLength(50);
		}),
	);
});
