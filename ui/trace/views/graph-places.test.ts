import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BOX_HEIGHT, BOX_WIDTH, placeGraph } from './graph-places.ts';
import type { GraphNode } from './service-graph.ts';

/** Columns with so many services each. */
function graphOf(heights: readonly number[]) {
	let service = 0;
	const nodes = heights.flatMap((height, column) =>
		Array.from({ length: height }, (_, place): GraphNode => ({
			service: service++,
			column,
			place,
			spans: 1,
			self: 0,
			errors: 0,
		})),
	);
	return { nodes, edges: [], columns: heights.length, tallest: Math.max(...heights) };
}

test('services lie within the picture and do not cover each other', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 }), (heights) => {
			const graph = graphOf(heights);
			const places = placeGraph(graph);
			const corners = graph.nodes.map((node) => places.of(node));
			for (const [i, { x, y }] of corners.entries()) {
				expect(x).toBeGreaterThanOrEqual(0);
				expect(x + BOX_WIDTH).toBeLessThanOrEqual(places.width);
				expect(y).toBeGreaterThanOrEqual(0);
				expect(y + BOX_HEIGHT).toBeLessThanOrEqual(places.height);
				for (const other of corners.slice(i + 1)) {
					const isApart = Math.abs(x - other.x) >= BOX_WIDTH || Math.abs(y - other.y) >= BOX_HEIGHT;
					expect(isApart).toBe(true);
				}
			}
		}),
	);
});

test('a call leads from the right side of its caller to the left of whom it calls; back, from below to below', () => {
	const graph = graphOf([1, 1]);
	const [caller, callee] = graph.nodes as [GraphNode, GraphNode];
	const places = placeGraph(graph);
	const [from, to] = [places.of(caller), places.of(callee)];
	const ends = (path: string) => path.match(/-?\d+(\.\d+)?/g)!.map(Number);
	const on = ends(places.path(caller, callee));
	expect(on.slice(0, 2)).toEqual([from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2]);
	expect(on.slice(-2)).toEqual([to.x - 3, to.y + BOX_HEIGHT / 2]);
	const back = ends(places.path(callee, caller));
	expect(back.slice(0, 2)).toEqual([to.x + BOX_WIDTH / 2, to.y + BOX_HEIGHT]);
	expect(back.slice(-2)).toEqual([from.x + BOX_WIDTH / 2, from.y + BOX_HEIGHT + 3]);
});
