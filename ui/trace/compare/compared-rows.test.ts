import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareTraces } from '../../../collector/analysis/compare-traces.ts';
import { arrangeTrace } from '../../../collector/analysis/span-tree.ts';
import { traceSpans } from '../../../test/support/trace-spans.ts';
import type { DrawnSpan } from '../../../test/support/trace-spans.ts';
import { differenceOf, onlyDifferent } from './compared-rows.ts';

const arrange = (drawn: readonly DrawnSpan[]) => {
	const trace = arrangeTrace(traceSpans(drawn));
	return { ...trace, total: trace.count, truncated: false };
};
const MS = 1e6;

test('a fifth and a millisecond make a difference', () => {
	const lasting = (ms: number) => arrange([{ id: 1n, name: 'x', start: 0, end: ms * MS }]);
	const between = (was: number, is: number) =>
		differenceOf(lasting(was), lasting(is), { before: 0, after: 0, depth: 0 });
	expect([between(100, 119), between(100, 121), between(100, 79), between(2, 2.9), between(2, 3.5)]).toEqual([
		'same',
		'slower',
		'faster',
		'same',
		'slower',
	]);
});

test('what differs is shown with all that stands above it, and nothing else', () => {
	const trees = fc
		.array(fc.record({ up: fc.nat(5), name: fc.nat(3), length: fc.nat(20) }), { maxLength: 15 })
		.map((records) =>
			arrange(
				records.map(({ up, name, length }, index) => ({
					id: BigInt(index + 1),
					parent: BigInt(up % (index + 1)),
					name: `n${name}`,
					start: index,
					end: index + length * MS,
					host: 0,
				})),
			),
		);
	fc.assert(
		fc.property(trees, trees, (before, after) => {
			const spans = compareTraces(before, after);
			const differences = spans.map((span) => differenceOf(before, after, span));
			const wanted = new Set<number>();
			spans.forEach((span, index) => {
				if (differences[index] === 'same') return;
				let depth = span.depth + 1;
				for (let above = index; above >= 0; above--) {
					if (spans[above].depth >= depth) continue;
					depth = spans[above].depth;
					wanted.add(above);
				}
			});
			expect(onlyDifferent(spans, differences)).toEqual([...wanted].sort((a, b) => a - b));
		}),
	);
});
