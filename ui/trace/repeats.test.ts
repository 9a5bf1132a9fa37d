import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../test/support/trace-spans.ts';
import { repeatFacts } from './repeat-facts.ts';
import { findRepeats, membersOf } from './repeats.ts';

const MS = 1e6;
const DB = 2;
const arrange = (drawn: readonly DrawnSpan[]) => {
	const trace = arrangeTrace(traceSpans(drawn));
	return { ...trace, total: trace.count, truncated: false };
};
const child = (id: number, name: string, from: number, to: number, more: Partial<DrawnSpan> = {}): DrawnSpan => ({
	id: BigInt(id),
	parent: 1n,
	name,
	start: from * MS,
	end: to * MS,
	...more,
});
const root: DrawnSpan = { id: 1n, name: 'root', start: 0, end: 1000 * MS };

test('siblings that do the same are a group, whatever stands between them', () => {
	const drawn = [
		root,
		...[0, 1, 2, 3, 4].flatMap((i) => [
			child(10 + i, 'SELECT a', i * 20, i * 20 + 9),
			child(20 + i, `other ${i}`, i * 20 + 10, i * 20 + 19),
		]),
	];
	const trace = arrange(drawn);
	const repeats = findRepeats(trace);
	expect(repeats.count).toBe(1);
	expect([...membersOf(repeats, 0)].map((row) => Number(trace.id[row]))).toEqual([10, 11, 12, 13, 14]);
	expect([...repeats.around]).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
});

test('four are no group, nor are five of different services, operations or parents', () => {
	const four = [1, 2, 3, 4].map((i) => child(10 + i, 'x', i, i + 1));
	const apart = [0, 1, 2, 3, 4].map((i) => child(20 + i, 'y', i, i + 1, { service: `s${i}` }));
	const doing = [0, 1, 2, 3, 4].map((i) => child(30 + i, 'z', i, i + 1, { operation: `o${i}` }));
	const below = [0, 1, 2, 3, 4].map((i) => child(40 + i, 'w', i, i + 1, { parent: BigInt(20 + i) }));
	expect(findRepeats(arrange([root, ...four, ...apart, ...doing, ...below])).count).toBe(0);
});

test('agrees with grouping by hand', () => {
	const spans = fc.array(fc.record({ up: fc.nat(6), name: fc.nat(2), start: fc.nat(50) }), { maxLength: 60 });
	fc.assert(
		fc.property(spans, (records) => {
			const trace = arrange(
				records.map(({ up, name, start }, i) => ({
					id: BigInt(i + 1),
					parent: BigInt(up % (i + 1)),
					name: `n${name}`,
					start,
					end: start + 5,
				})),
			);
			const expected = [
				...Map.groupBy(trace.id.keys(), (row) => `${trace.parent[row]} ${trace.name[row]}`).values(),
			].filter((rows) => rows.length >= 5);
			const repeats = findRepeats(trace);
			const found = Array.from({ length: repeats.count }, (_, group) => [...membersOf(repeats, group)]);
			expect(found.sort((a, b) => a[0] - b[0])).toEqual(expected.sort((a, b) => a[0] - b[0]));
		}),
	);
});

test('what they amount to: overlaps counted once, and queries one after the other are an N+1', () => {
	const queries = [0, 1, 2, 3, 4].map((i) => child(10 + i, 'SELECT a', i * 15, i * 15 + 20, { type: DB }));
	queries[2] = { ...queries[2], error: true };
	const trace = arrange([root, ...queries]);
	expect(repeatFacts(trace, findRepeats(trace), 0)).toMatchObject({
		start: 0,
		end: 80 * MS,
		union: 80 * MS,
		total: 100 * MS,
		errors: 1,
		isQueryPerItem: true,
	});
});

test.each([
	['quick ones', DB, 9],
	['calls that are no queries', 1, 20],
])('%s are no N+1', (_, type, length) => {
	const spans = [0, 1, 2, 3, 4].map((i) => child(10 + i, 'x', i * 20, i * 20 + length, { type }));
	const trace = arrange([root, ...spans]);
	expect(repeatFacts(trace, findRepeats(trace), 0).isQueryPerItem).toBe(false);
});
