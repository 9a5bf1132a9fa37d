import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { idleWithin, selfTimesWithin } from './self-time.ts';
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

test('self time and idle time within a stretch agree with counting moment by moment', () => {
	const spans = fc.array(fc.record({ up: fc.nat(9), start: fc.nat(40), length: fc.nat(25) }), {
		minLength: 1,
		maxLength: 10,
	});
	fc.assert(
		fc.property(spans, fc.nat(30), fc.nat(30), (records, from, length) => {
			const trace = arrangeTrace(
				traceSpans(
					records.map(({ up, start, length }, index) => ({
						id: BigInt(index + 1),
						parent: BigInt(up % (index + 1)),
						start,
						end: start + length,
						host: 0,
					})),
				),
			);
			const runs = (row: number, moment: number) =>
				trace.start[row]! <= moment && moment < trace.start[row]! + trace.duration[row]!;
			const rows = [...trace.id.keys()];
			const moments = Array.from({ length }, (_, index) => from + index);
			const expected = rows.map(
				(row) =>
					moments.filter(
						(moment) => runs(row, moment) && !rows.some((child) => trace.parent[child] === row && runs(child, moment)),
					).length,
			);
			expect([...selfTimesWithin(trace, from, from + length)]).toEqual(expected);
			const idle = moments.filter((moment) => !rows.some((row) => runs(row, moment))).length;
			expect(idleWithin(trace, from, from + length)).toBe(idle);
		}),
	);
});
