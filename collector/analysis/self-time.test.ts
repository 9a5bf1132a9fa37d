import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { arrangeTrace } from './span-tree.ts';

const selfOf = (drawn: DrawnSpan[]): Record<string, number> => {
	const trace = arrangeTrace(traceSpans(drawn));
	return Object.fromEntries(Array.from(trace.id, (id, row) => [id, trace.self[row]!]));
};

// 1  |--------------------|
// 2     |-----|
// 3        |-----|
// 4                  |--------|
test('self time is what no child covers, overlaps counted once and overhangs not at all', () => {
	expect(
		selfOf([
			{ id: 1n, start: 0, end: 100 },
			{ id: 2n, parent: 1n, start: 10, end: 40 },
			{ id: 3n, parent: 1n, start: 30, end: 60 },
			{ id: 4n, parent: 1n, start: 90, end: 150 },
		]),
	).toEqual({ 1: 40, 2: 30, 3: 30, 4: 60 });
});

test('a child that runs wholly before or after its parent takes nothing', () => {
	expect(
		selfOf([
			{ id: 1n, start: 100, end: 200 },
			{ id: 2n, parent: 1n, start: 0, end: 50 },
			{ id: 3n, parent: 1n, start: 300, end: 350 },
		])[1],
	).toBe(100);
});

test('agrees with counting moment by moment', () => {
	const children = fc.array(fc.record({ start: fc.nat(60), length: fc.nat(40) }), { maxLength: 12 });
	fc.assert(
		fc.property(children, (records) => {
			const parent = { id: 1n, start: 20, end: 60 };
			const below = records.map(({ start, length }, index) => ({
				id: BigInt(index + 2),
				parent: 1n,
				start,
				end: start + length,
			}));
			let uncovered = 0;
			for (let moment = parent.start; moment < parent.end; moment++) {
				if (!below.some((child) => child.start <= moment && moment < child.end)) uncovered++;
			}
			expect(selfOf([parent, ...below])[1]).toBe(uncovered);
		}),
	);
});
