import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceSpans } from '../../test/support/trace-spans.ts';
import { compareOperations, compareTraces } from './compare-traces.ts';
import { arrangeTrace } from './span-tree.ts';

const trees = fc
	.array(fc.record({ up: fc.nat(6), name: fc.nat(2), service: fc.nat(1), start: fc.nat(40), length: fc.nat(30) }), {
		maxLength: 12,
	})
	.map((records) =>
		arrangeTrace(
			traceSpans(
				records.map(({ up, name, service, start, length }, index) => ({
					id: BigInt(index + 1),
					parent: BigInt(up % (index + 1)),
					name: `n${name}`,
					service: `s${service}`,
					host: 0,
					start,
					end: start + length,
				})),
			),
		),
	);
type Tree = ReturnType<typeof arrangeTrace>;

const keyOf = (trace: Tree, row: number) =>
	`${trace.services[trace.service[row]!]} ${trace.names[trace.operation[row]!]}`;
const childrenOf = (trace: Tree, parent: number) => [...trace.id.keys()].filter((row) => trace.parent[row] === parent);

/** Every way to pair siblings of one key, the first with the first and so on, by recursion. */
function pairsBelow(a: Tree, b: Tree, rowA: number, rowB: number): [number, number][] {
	return childrenOf(a, rowA).flatMap((child) => {
		const nth = childrenOf(a, rowA).filter((other) => other < child && keyOf(a, other) === keyOf(a, child)).length;
		const same = childrenOf(b, rowB).filter((other) => keyOf(b, other) === keyOf(a, child))[nth];
		return same === undefined ? [] : [[child, same] as [number, number], ...pairsBelow(a, b, child, same)];
	});
}

test('the pairs are those that recursion finds, and every span is there once, below its parent', () => {
	fc.assert(
		fc.property(trees, trees, (a, b) => {
			const compared = compareTraces(a, b);
			const pairs = compared
				.filter((span) => span.before >= 0 && span.after >= 0)
				.map((span) => [span.before, span.after]);
			const byFirst = (left: number[], right: number[]) => left[0]! - right[0]!;
			expect(pairs.sort(byFirst)).toEqual(pairsBelow(a, b, -1, -1).sort(byFirst));
			const rows = (side: 'before' | 'after') =>
				compared
					.map((span) => span[side])
					.filter((row) => row >= 0)
					.sort((x, y) => x - y);
			expect(rows('before')).toEqual([...a.id.keys()]);
			expect(rows('after')).toEqual([...b.id.keys()]);
			compared.forEach(({ before, after, depth }, index) => {
				const above = compared.slice(0, index).findLast((span) => span.depth === depth - 1);
				expect(before < 0 ? (above?.before ?? -1) : a.parent[before]).toBe(above?.before ?? -1);
				expect(after < 0 ? (above?.after ?? -1) : b.parent[after]).toBe(above?.after ?? -1);
			});
		}),
	);
});

test('a trace against itself differs in nothing', () => {
	fc.assert(
		fc.property(trees, (trace) => {
			expect(compareTraces(trace, trace).every(({ before, after }) => before === after)).toBe(true);
			for (const { before, after } of compareOperations(trace, trace)) expect(before).toEqual(after);
		}),
	);
});

test('the sums of the operations are those of the spans', () => {
	fc.assert(
		fc.property(trees, trees, (a, b) => {
			for (const { service, operation, before, after } of compareOperations(a, b)) {
				for (const [trace, sums] of [
					[a, before],
					[b, after],
				] as const) {
					const rows = [...trace.id.keys()].filter((row) => keyOf(trace, row) === `${service} ${operation}`);
					expect(sums).toEqual({
						spans: rows.length,
						self: rows.reduce((sum, row) => sum + trace.self[row]!, 0),
						total: rows.reduce((sum, row) => sum + trace.duration[row]!, 0),
					});
				}
			}
		}),
	);
});

test('a deep chain is compared without recursion', () => {
	const count = 50_000;
	const chain = arrangeTrace(
		traceSpans(
			Array.from({ length: count }, (_, index) => ({
				id: BigInt(index + 1),
				parent: BigInt(index),
				name: 'step',
				start: index,
				end: count * 2 - index,
				host: 0,
			})),
		),
	);
	expect(compareTraces(chain, chain).at(-1)).toEqual({ before: count - 1, after: count - 1, depth: count - 1 });
});
