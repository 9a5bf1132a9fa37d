import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrangeTrace } from '../../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../../test/support/trace-spans.ts';
import { flameLanes } from './flame-lanes.ts';

const arrange = (records: readonly { up: number; start: number; length: number }[]) =>
	arrangeTrace(
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
const records = fc.array(fc.record({ up: fc.nat(50), start: fc.nat(60), length: fc.integer({ min: 1, max: 30 }) }), {
	minLength: 1,
	maxLength: 40,
});

test('no two spans of a lane run at the same time, and each lies below its parent', () => {
	fc.assert(
		fc.property(records.map(arrange), (trace) => {
			const { laneOf, count } = flameLanes(trace);
			const rows = [...trace.id.keys()];
			const meet = (a: number, b: number) =>
				trace.start[a] < trace.start[b] + trace.duration[b] && trace.start[b] < trace.start[a] + trace.duration[a];
			for (const a of rows) {
				expect(laneOf[a]).toBeGreaterThan(trace.parent[a] < 0 ? -1 : laneOf[trace.parent[a]]);
				expect(rows.filter((b) => a < b && laneOf[a] === laneOf[b] && meet(a, b))).toEqual([]);
			}
			expect(count).toBe(Math.max(...laneOf) + 1);
		}),
	);
});

test('the highest free lane is taken', () => {
	const trace = arrange([
		{ up: 0, start: 0, length: 100 },
		{ up: 1, start: 10, length: 20 },
		{ up: 1, start: 20, length: 20 },
		{ up: 1, start: 30, length: 20 },
	]);
	expect([...flameLanes(trace).laneOf]).toEqual([0, 1, 2, 1]);
});
