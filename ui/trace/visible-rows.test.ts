import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrangeTrace } from '../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../test/support/trace-spans.ts';
import { findRepeats, membersOf } from './repeats.ts';
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
				const { rows, positionOf } = visibleRows(trace, { collapsed });
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
				const { rows } = visibleRows(trace, {
					collapsed: new Uint8Array(trace.count),
					kept: withAncestors(trace, matches),
				});
				expect(new Set(rows)).toEqual(expected);
			},
		),
	);
});

/** What is shown of a family, by recursion. */
function shownBelow(
	trace: ReturnType<typeof arrangeTrace>,
	parent: number,
	collapsed: Uint8Array,
	open: (group: number) => boolean,
): number[] {
	const repeats = findRepeats(trace);
	const children = Array.from(trace.id.keys()).filter((row) => trace.parent[row] === parent);
	const withBelow = (row: number): number[] =>
		collapsed[row] === 1 ? [row] : [row, ...shownBelow(trace, row, collapsed, open)];
	const told = new Set<number>();
	return children.flatMap((row) => {
		const group = repeats.groupOf[row];
		if (group < 0) return withBelow(row);
		if (told.has(group)) return [];
		told.add(group);
		return [trace.count + group, ...(open(group) ? [...membersOf(repeats, group)].flatMap(withBelow) : [])];
	});
}

test('repeats stand in one line, and below it when that is open', () => {
	const crowded = fc
		.array(fc.record({ up: fc.nat(3), name: fc.nat(1), start: fc.nat(40) }), { minLength: 1, maxLength: 40 })
		.map((records) =>
			arrangeTrace(
				traceSpans(
					records.map(({ up, name, start }, index) => ({
						id: BigInt(index + 1),
						parent: BigInt(up % (index + 1)),
						name: `n${name}`,
						start,
						end: start + 5,
					})),
				),
			),
		);
	fc.assert(
		fc.property(
			crowded.chain((trace) => fc.tuple(fc.constant(trace), marks(trace.count), fc.func(fc.boolean()))),
			([trace, collapsed, isOpen]) => {
				const repeats = findRepeats(trace);
				const openGroups = Uint8Array.from({ length: repeats.count }, (_, group) => (isOpen(group) ? 1 : 0));
				const { rows, positionOf } = visibleRows(trace, { collapsed, repeats, openGroups });
				expect([...rows]).toEqual(shownBelow(trace, -1, collapsed, (group) => openGroups[group] === 1));
				rows.forEach((entry, position) => expect(positionOf[entry]).toBe(position));
			},
		),
	);
});

test('a subtree alone is its rows', () => {
	fc.assert(
		fc.property(
			trees.chain((trace) => fc.tuple(fc.constant(trace), fc.nat(trace.count - 1))),
			([trace, root]) => {
				const expected = Array.from(trace.id.keys()).filter(
					(row) => row === root || ancestors(trace.parent, row).includes(root),
				);
				const collapsed = new Uint8Array(trace.count);
				expect([...visibleRows(trace, { collapsed, repeats: findRepeats(trace), root }).rows]).toEqual(expected);
			},
		),
	);
});
