import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import { visibleRows, withAncestors } from './visible-rows.ts';

const trees = fc
	.array(fc.record({ up: fc.nat(30), start: fc.nat(40) }), { minLength: 1, maxLength: 30 })
	.map((records) =>
		arrangeTrace(
			traceSpans(
				records.map(({ up, start }, index) => ({
					id: BigInt(index + 1),
					parent: BigInt(up % (index + 1)),
					start,
					end: start + 5,
				})),
			),
		),
	);
const marks = (count: number) =>
	fc.array(fc.boolean(), { minLength: count, maxLength: count }).map((list) => Uint8Array.from(list, Number));

function ancestors(parent: Int32Array, row: number): number[] {
	const above = parent[row];
	return above < 0 ? [] : [above, ...ancestors(parent, above)];
}

test('a row is shown unless an ancestor is collapsed', () => {
	fc.assert(
		fc.property(
			trees.chain((trace) => fc.tuple(fc.constant(trace), marks(trace.count))),
			([trace, collapsed]) => {
				const expected = Array.from(trace.id.keys()).filter((row) =>
					ancestors(trace.parent, row).every((above) => collapsed[above] === 0),
				);
				const { rows, positionOf } = visibleRows(trace, collapsed);
				expect([...rows]).toEqual(expected);
				expect(Array.from(positionOf)).toEqual(Array.from(trace.id.keys(), (row) => expected.indexOf(row)));
			},
		),
	);
});

test('showing only matches keeps each match and what is above it', () => {
	fc.assert(
		fc.property(
			trees.chain((trace) => fc.tuple(fc.constant(trace), marks(trace.count))),
			([trace, matches]) => {
				const matching = Array.from(trace.id.keys()).filter((row) => matches[row] === 1);
				const expected = new Set(matching.flatMap((row) => [row, ...ancestors(trace.parent, row)]));
				const { rows } = visibleRows(trace, new Uint8Array(trace.count), withAncestors(trace, matches));
				expect(new Set(rows)).toEqual(expected);
			},
		),
	);
});
