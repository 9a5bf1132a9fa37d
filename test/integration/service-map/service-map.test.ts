import { afterAll, beforeAll, expect, test } from 'vitest';
import { edgeQuery } from '../../../collector/analysis/edge-query.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import { serviceMap } from '../../../collector/analysis/service-map.ts';
import type { MapEdge, ServiceSums } from '../../../collector/analysis/service-map.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { quantilesOf } from '../../../schema/histogram.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { callTraces } from '../../support/call-traces.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { withSharedIds } from '../../support/shared-ids.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { inTracesOf } from '../../../schema/query-choose.ts';
import { durationOf, entrySpans, isQuantile, serviceOf, shuffled, weightOf } from '../store/oracle.ts';
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

/** @param touched all spans that are counted, also of services that served nothing */
function expectServices(services: readonly ServiceSums[], touched: readonly PlainSpan[]): void {
	expect(services.map(({ name }) => name).toSorted()).toEqual([...new Set(touched.map(serviceOf))].toSorted());
	for (const { name, namespace, requests, errors, buckets } of services) {
		const entries = entrySpans(touched.filter((span) => serviceOf(span) === name));
		expect(requests, name).toBe(weightOf(entries));
		expect(errors, name).toBe(weightOf(entries.filter(({ error }) => error)));
		const counted = [...buckets].toSorted(([a], [b]) => a - b);
		const counts = counted.map(([, calls]) => calls);
		const [p95 = null] = quantilesOf(counted.map(([bucket]) => bucket), counts, [0.95]); // prettier-ignore
		expect(isQuantile(p95, entries, 0.95), `p95 of ${name}`).toBe(true);
		expect(name).toBe(namespace === '' ? name : `${namespace}/${name.slice(namespace.length + 1)}`);
	}
}

function expectEdges(
	shown: readonly MapEdge[],
	of: readonly PlainSpan[],
	window: WindowScope['window'],
	isCounted: (span: PlainSpan) => boolean = () => true,
): void {
	const expected = edgesOf(of, (span) => inWindow(window)(span) && isCounted(span));
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
async function append(pieces: readonly (readonly PlainSpan[])[], project?: string): Promise<void> {
	for (const piece of pieces) await store.writer.append(spanBlock(piece, project));
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
	expectServices((await store.serviceMap.edges(scope)).services, timely.filter(inWindow(scope.window)));

	await append([...chunks(late, 150), timely.slice(0, 500)]);
	await deriveAll();
	const map = await readMap();
	expectEdges(map.edges, spans, scope.window);
	expect(map.nodes.filter((node) => node.type === 'service').map((node) => node.name).toSorted()).toEqual([...new Set(spans.map(serviceOf))].toSorted()); // prettier-ignore
});

test('a server span with the id of the client span that calls it answers that call, in the whole map and in that of some traces', async () => {
	const shared = withSharedIds(callTraces({ seed: 8, traces: 300, endMs, withinMs: hourMs }));
	const ends = Map.groupBy(shared, ({ traceId, spanId }) => `${traceId} ${spanId}`);
	const kinds = [...ends.values()].map((of) => of.map(({ kind = 0 }) => kind).toSorted((a, b) => a - b).join(' ')); // prettier-ignore
	expect(kinds.filter((of) => of === '2 3').length).toBeGreaterThan(100);
	expect([...ends.values()].some((of) => of.length === 2 && of.every(({ parentSpanId }) => parentSpanId === undefined))).toBe(true); // prettier-ignore

	const zipkin = { ...scope, project: 'zipkin' };
	await append(chunks(shuffled(shared, randomNumbers(4)), 700), zipkin.project);
	await deriveAll();
	expectEdges((await readMap(zipkin)).edges, shared, scope.window);
	expectServices((await store.serviceMap.edges(zipkin)).services, shared.filter(inWindow(scope.window)));
	const ofTraces = await store.serviceMap.edgesOfTraces(zipkin, compiled(''));
	expectEdges(serviceMap(ofTraces.edges, ofTraces.services).edges, shared, scope.window);
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
		// A span that works on messages of two queues is two deliveries.
		expect(listed, query).toBe(new Set(answered).size);
		searched += 1;
	}
	expect(searched).toBe(edges.length);
});

function compiled(q: string) {
	const parsed = parseQuery(q);
	if (parsed.kind === 'error') throw new Error(`${q}: ${parsed.message}`);
	const query = compileQuery(parsed.query);
	if ('kind' in query) throw new Error(query.message);
	return query;
}

const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
const isOf = (span: PlainSpan, service: string) => span.resource?.service === service;
test.each([
	['service:cart error:true', (span: PlainSpan) => isOf(span, 'cart') && span.error === true],
	['kind:consumer', (span: PlainSpan) => span.kind === 5],
	['{service:web} > {error:true}', undefined],
	['', () => true],
	['service:nobody', () => false],
] as const)('the map of the traces that %s finds has the calls in these, and no others', async (q, matches) => {
	const window = { fromMs: endMs - hourMs, toMs: endMs };
	const found = spans.filter((span) => {
		if (!inWindow(window)(span)) return false;
		if (matches !== undefined) return matches(span);
		const parent = byId.get(`${span.traceId} ${span.parentSpanId}`);
		return span.error === true && parent !== undefined && isOf(parent, 'web');
	});
	const traces = new Set(found.map(({ traceId }) => traceId));
	const isCounted = ({ traceId }: PlainSpan) => traces.has(traceId);
	const read = await store.serviceMap.edgesOfTraces(scope, compiled(q));
	expect(read).toMatchObject({
		traces: traces.size,
		edgesFound: read.edges.length,
		servicesFound: read.services.length,
	});
	expect(read).not.toHaveProperty('partial');
	const { edges, nodes } = serviceMap(read.edges, read.services);
	expectEdges(edges, spans, window, isCounted);
	expectServices(
		read.services,
		spans.filter((span) => inWindow(window)(span) && isCounted(span)),
	);
	for (const { name, namespace } of read.services)
		expect(nodes.find((node) => node.id === `service:${name}`)?.namespace).toBe(namespace);
	// The search of an edge lists what it counts: all that has been answered, in these traces.
	const [edge] = edges.filter(({ type, unanswered, callee }) => type === 'request' && unanswered === 0 && callee.startsWith('service:')); // prettier-ignore
	expect(edge === undefined).toBe(traces.size === 0);
	if (edge === undefined) return;
	const nodeOf = (id: string) => nodes.find((node) => node.id === id)!;
	const listed = inTracesOf(
		q,
		edgeQuery({ type: edge.type, caller: nodeOf(edge.caller), callee: nodeOf(edge.callee) }),
	);
	const counted = edgesOf(spans, (span) => inWindow(window)(span) && isCounted(span));
	const wanted = counted.find(({ caller, callee, type }) => caller === edge.caller && callee === edge.callee && type === edge.type); // prettier-ignore
	expect((await store.search.count(scope, compiled(listed!))).spans).toBe(wanted!.spans.length);
});

test('more traces than are read are a sample that stands for all of them', async () => {
	const read = await store.serviceMap.edgesOfTraces(scope, compiled(''), { maxTraces: 200, maxSpans: 1_000_000 });
	const few = await store.serviceMap.edgesOfTraces(scope, compiled(''), { maxTraces: 200, maxSpans: 1_500 });
	const traces = new Set(spans.filter(inWindow(scope.window)).map(({ traceId }) => traceId)).size;
	expect(read).toMatchObject({ traces, partial: { seen: 200, of: traces, what: 'traces' } });
	expect(few.partial?.seen).toBeLessThan(200);
	const all = edgesOf(spans, inWindow(scope.window)).reduce((sum, edge) => sum + weightOf(edge.spans), 0);
	const estimated = serviceMap(read.edges, read.services).edges.reduce((sum, { calls }) => sum + calls, 0);
	expect(estimated / all).toBeGreaterThan(0.7);
	expect(estimated / all).toBeLessThan(1.4);
});
