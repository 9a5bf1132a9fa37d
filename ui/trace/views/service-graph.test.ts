import { expect, test } from 'vitest';
import { arrangeTrace } from '../../../collector/analysis/span-tree.ts';
import { checkoutTrace } from '../../../test/support/sample-traces.ts';
import { traceSpans } from '../../../test/support/trace-spans.ts';
import { serviceGraph } from './service-graph.ts';

const arranged = arrangeTrace(traceSpans(checkoutTrace()));
const trace = { ...arranged, total: arranged.count, truncated: false };

test('calls between services are counted as one counts them by hand', () => {
	const spans = checkoutTrace();
	const serviceOf = new Map(spans.map((span) => [span.id, span.service]));
	const expected = new Map<string, { calls: number; errors: number; total: number }>();
	for (const span of spans) {
		const caller = serviceOf.get(span.parent ?? 0n);
		if (caller === undefined || caller === span.service) continue;
		const key = `${caller} → ${span.service}`;
		const edge = expected.get(key) ?? { calls: 0, errors: 0, total: 0 };
		expected.set(key, {
			calls: edge.calls + 1,
			errors: edge.errors + (span.error === true ? 1 : 0),
			total: edge.total + span.end - span.start,
		});
	}
	const { nodes, edges } = serviceGraph(trace);
	const found = edges.map(
		({ from, to, ...edge }) => [`${trace.services[from]} → ${trace.services[to]}`, edge] as const,
	);
	expect(new Map(found)).toEqual(expected);
	expect(nodes.reduce((sum, node) => sum + node.spans, 0)).toBe(spans.length);
	expect(new Set(nodes.map((node) => trace.services[node.service]))).toEqual(new Set(serviceOf.values()));
});

test('callers stand left of whom they call, no two nodes in one place, and who calls nobody is there', () => {
	const { nodes, edges, columns, tallest } = serviceGraph(trace);
	const byService = new Map(nodes.map((node) => [node.service, node]));
	for (const { from, to } of edges) expect(byService.get(from)!.column).toBeLessThan(byService.get(to)!.column);
	expect(new Set(nodes.map(({ column, place }) => `${column} ${place}`)).size).toBe(nodes.length);
	expect(nodes.every(({ column, place }) => column < columns && place < tallest)).toBe(true);
	expect(nodes.some((node) => trace.services[node.service] === 'shop/fraud')).toBe(true);
});

test('services that call each other in a circle are placed too', () => {
	const ring = arrangeTrace(
		traceSpans([
			{ id: 1n, start: 0, end: 100, service: 'a' },
			{ id: 2n, parent: 1n, start: 10, end: 90, service: 'b' },
			{ id: 3n, parent: 2n, start: 20, end: 80, service: 'a' },
			{ id: 4n, parent: 3n, start: 30, end: 70, service: 'b' },
		]),
	);
	const { nodes, edges } = serviceGraph({ ...ring, total: 4, truncated: false });
	expect(nodes.map(({ column }) => column)).toEqual([0, 1]);
	expect(new Set(edges.map(({ calls }) => calls))).toEqual(new Set([1, 2]));
});
