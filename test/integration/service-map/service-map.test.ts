import { afterAll, beforeAll, expect, test } from 'vitest';
import { edgeQuery } from '../../../collector/analysis/edge-query.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import { serviceMap } from '../../../collector/analysis/service-map.ts';
import type { MapEdge } from '../../../collector/analysis/service-map.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { callTraces } from '../../support/call-traces.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, isQuantile, serviceOf, shuffled, weightOf } from '../store/oracle.ts';
import { edgesOf, inWindow } from './edge-oracle.ts';

const hourMs = 3_600_000;
// All of it lies in the hours that are looked at for late spans each time, and is old enough that no answer is under way.
const endMs = Math.floor(Date.now() / 300_000) * 300_000 - 300_000;
const spans = callTraces({ seed: 7, traces: 900, endMs, withinMs: hourMs });
const scope: WindowScope = { project: 'default', window: { fromMs: endMs - hourMs, toMs: endMs } };

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
});
afterAll(() => store[Symbol.asyncDispose]());

async function deriveAll(): Promise<void> {
	while ((await store.buckets.round()).derived > 0);
}

async function readMap(of: WindowScope = scope) {
	const { edges, services, window } = await store.serviceMap.edges(of);
	return { ...serviceMap(edges, services), window };
}

function expectEdges(shown: readonly MapEdge[], of: readonly PlainSpan[], window: WindowScope['window']): void {
	const expected = edgesOf(of, inWindow(window));
	const key = (edge: { caller: string; callee: string; type: string }) =>
		`${edge.caller} → ${edge.callee} (${edge.type})`;
	expect(shown.map(key).toSorted()).toEqual(expected.map(key).toSorted());
	const expectedOf = new Map(expected.map((edge) => [key(edge), edge]));
	for (const edge of shown) {
		const counted = expectedOf.get(key(edge))!;
		expect(edge.calls, key(edge)).toBe(weightOf(counted.spans));
		expect(edge.errors, key(edge)).toBe(weightOf(counted.spans.filter((span) => span.error)));
		expect(edge.unanswered, key(edge)).toBe(weightOf(counted.unanswered));
		expect(edge.totalNano).toBeCloseTo(counted.spans.reduce((sum, span) => sum + durationOf(span) * (span.weight ?? 1), 0), -3); // prettier-ignore
		expect(isQuantile(edge.p50Nano, counted.spans, 0.5), `p50 of ${key(edge)}`).toBe(true);
		expect(isQuantile(edge.p95Nano, counted.spans, 0.95), `p95 of ${key(edge)}`).toBe(true);
		expect(isQuantile(edge.p99Nano, counted.spans, 0.99), `p99 of ${key(edge)}`).toBe(true);
	}
}

/** In pieces that tear traces apart. */
async function append(pieces: readonly (readonly PlainSpan[])[]): Promise<void> {
	for (const piece of pieces) await store.writer.append(spanBlock(piece));
}

const chunks = (of: readonly PlainSpan[], size: number): PlainSpan[][] =>
	Array.from({ length: Math.ceil(of.length / size) }, (_, index) => of.slice(index * size, (index + 1) * size));

test('the generated traces have every kind of edge', () => {
	const edges = edgesOf(spans, () => true);
	expect(new Set(edges.map((edge) => edge.type))).toEqual(new Set(['request', 'database', 'messaging', 'child']));
	expect(edges.some((edge) => edge.unanswered.length > 0)).toBe(true);
	expect(edges.filter((edge) => edge.type === 'messaging' && edge.caller.startsWith('service:') && edge.callee.startsWith('service:')).length).toBeGreaterThan(5); // prettier-ignore
});

test('edges are those of brute force, whatever came in which order, in which piece, late or twice', async () => {
	const mixed = shuffled(spans, randomNumbers(3));
	const late = mixed.filter((_, index) => index % 10 === 0);
	const timely = mixed.filter((_, index) => index % 10 !== 0);
	await append(chunks(timely, 700));
	await deriveAll();
	expectEdges((await readMap()).edges, timely, scope.window);

	await append([...chunks(late, 150), timely.slice(0, 500)]);
	await deriveAll();
	const map = await readMap();
	expectEdges(map.edges, spans, scope.window);
	expect(map.nodes.filter((node) => node.type === 'service').map((node) => node.name).toSorted()).toEqual([...new Set(spans.map(serviceOf))].toSorted()); // prettier-ignore
});

test('nothing is derived again while there is nothing new', async () => {
	expect(await store.buckets.round()).toEqual({ derived: 0, left: 0 });
});

test('a window is widened to whole minutes, and says so', async () => {
	const window = { fromMs: endMs - hourMs + 712_345, toMs: endMs - 934_567 };
	const map = await readMap({ ...scope, window });
	expect(map.window.fromMs).toBe(Math.floor(window.fromMs / 60_000) * 60_000);
	expect(map.window.toMs).toBe(Math.ceil(window.toMs / 60_000) * 60_000);
	expectEdges(map.edges, spans, map.window);
});

test('one environment counts the spans of that environment alone', async () => {
	const { edges } = await readMap({ ...scope, environment: 'staging' });
	const counted = edgesOf(spans, (span) => inWindow(scope.window)(span) && span.resource?.environment === 'staging');
	expect(edges.reduce((sum, edge) => sum + edge.calls, 0)).toBe(counted.reduce((sum, edge) => sum + weightOf(edge.spans), 0)); // prettier-ignore
});

test('projects are kept apart', async () => {
	expect(await readMap({ ...scope, project: 'other' })).toMatchObject({ nodes: [], edges: [] });
});

test('the search of an edge finds the spans that it counts', async () => {
	const { edges, nodes, window } = await readMap();
	const nodeOf = new Map(nodes.map((node) => [node.id, node]));
	const counted = new Map(edgesOf(spans, inWindow(window)).map((edge) => [`${edge.caller} ${edge.callee} ${edge.type}`, edge])); // prettier-ignore
	let searched = 0;
	for (const edge of edges) {
		const query = edgeQuery({ type: edge.type, caller: nodeOf.get(edge.caller)!, callee: nodeOf.get(edge.callee)! });
		if (query === '') continue;
		const parsed = parseQuery(query);
		if (parsed.kind === 'error') throw new Error(`${query}: ${parsed.message}`);
		const compiled = compileQuery(parsed.query);
		if ('kind' in compiled) throw new Error(compiled.message);
		const found = counted.get(`${edge.caller} ${edge.callee} ${edge.type}`)!;
		const unanswered = new Set(found.unanswered);
		const { spans: listed } = await store.search.count({ ...scope, window }, compiled);
		const answered = found.spans.filter((span) => !unanswered.has(span));
		expect(listed, query).toBe(answered.length);
		searched += 1;
	}
	expect(searched).toBeGreaterThan(40);
});
