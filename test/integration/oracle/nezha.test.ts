import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OperationsAnswer, ServicesAnswer, TracesAnswer } from '../../../schema/api.ts';
import type { ServiceMapAnswer } from '../../../schema/api-service-map.ts';
import type { StatusAnswer } from '../../../schema/api-status.ts';
import type { TraceAnswer } from '../../../schema/trace-answer.ts';
import { nezhaRequest, nezhaSpans } from '../../support/nezha.ts';
import type { NezhaSpan } from '../../support/nezha.ts';
import { startProduct, until } from '../../support/product.ts';
import type { Product } from '../../support/product.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { isEntry, redOf } from '../../support/red-oracle.ts';
import { shuffled } from '../store/oracle.ts';

const spans = nezhaSpans(Date.now());
const endMs = (span: NezhaSpan): number => Number(BigInt(span.endTimeUnixNano) / 1_000_000n);
const window = { fromMs: Math.min(...spans.map(endMs)), toMs: Math.max(...spans.map(endMs)) + 1 };
const batch = 150;

let product: Product;
beforeAll(async () => {
	product = await startProduct();
	const late = shuffled(spans, randomNumbers(7));
	const requests = Array.from({ length: Math.ceil(late.length / batch) }, (_, index) =>
		nezhaRequest(late.slice(index * batch, (index + 1) * batch)),
	);
	// Shuffled and in pieces, and every third request twice, as exporters do whose answer got lost.
	for (const [index, body] of requests.entries())
		for (let time = 0; time < (index % 3 === 0 ? 2 : 1); time += 1) {
			const headers = { 'content-type': 'application/json' };
			const answer = await fetch(`${product.ready.otlpHttp}/v1/traces`, { method: 'POST', headers, body });
			if (answer.status !== 200) throw new Error(`the listener answered ${answer.status}`);
		}
	await until(async () => {
		const { spans: stored } = await ask<StatusAnswer>('/status', {});
		return stored.rows >= spans.length ? true : undefined;
	}, 'all spans are stored');
}, 120_000);
afterAll(() => product.stop());

async function ask<Answer>(path: string, query: Readonly<Record<string, string | number>>): Promise<Answer> {
	const search = new URLSearchParams(query as Record<string, string>);
	const answer = await fetch(`${product.ready.ui}/api/v1${path}?${search.toString()}`);
	expect(answer.status, path).toBe(200);
	return (await answer.json()) as Answer;
}
const inWindow = { from: window.fromMs, to: window.toMs };

function expectQuantile(shown: number | null, members: readonly NezhaSpan[], q: number): void {
	const exact = redOf(members).quantileNano(q);
	expect(Math.abs((shown ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.011 + 1);
}

test('the data is what it should be', () => {
	expect(spans).toHaveLength(4_890);
	expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(71);
	expect(spans.filter(({ status }) => status.code === 2).length).toBeGreaterThan(200);
});

test('services: entry spans, errors and quantiles', async () => {
	const { services } = await ask<ServicesAnswer>('/services', inWindow);
	const expected = Map.groupBy(spans.filter(isEntry), ({ service }) => service);
	expect(services.map(({ service }) => service).sort()).toEqual([...expected.keys()].sort());
	for (const { service, requests, errors, p50Nano, p95Nano, p99Nano } of services) {
		const members = expected.get(service)!;
		expect([service, requests, errors]).toEqual([service, members.length, redOf(members).errors]);
		for (const [q, shown] of [[0.5, p50Nano], [0.95, p95Nano], [0.99, p99Nano]] as const) expectQuantile(shown, members, q); // prettier-ignore
	}
});

test('operations: all spans of a service, by name and kind', async () => {
	const kinds = ['unspecified', 'internal', 'server', 'client'];
	for (const [service, ofService] of Map.groupBy(spans, (span) => span.service)) {
		const { operations } = await ask<OperationsAnswer>('/operations', { ...inWindow, service });
		const expected = Map.groupBy(ofService, ({ name, kind }) => `${kinds[kind]} ${name}`);
		expect(operations.map(({ operation, kind }) => `${kind} ${operation}`).sort()).toEqual([...expected.keys()].sort());
		for (const { operation, kind, requests, errors, p50Nano, totalNano } of operations) {
			const members = expected.get(`${kind} ${operation}`)!;
			expect([operation, requests, errors]).toEqual([operation, members.length, redOf(members).errors]);
			expectQuantile(p50Nano, members, 0.5);
			const total = members.reduce((sum, span) => sum + durationOf(span), 0);
			expect(Math.abs(totalNano - total)).toBeLessThan(total * 1e-9 + 1);
		}
	}
});

test('edges: calls from one service to another', async () => {
	const byId = new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span]));
	const calls = new Map<string, Set<NezhaSpan>>();
	for (const server of spans) {
		const client = byId.get(`${server.traceId} ${server.parentSpanId}`);
		if (client === undefined || client.service === server.service) continue;
		const key = `service:${client.service} service:${server.service}`;
		calls.set(key, (calls.get(key) ?? new Set()).add(client));
	}
	const expected = [...calls].map(([key, clients]) => `${key} ${clients.size}`).sort();
	const shown = async () => {
		const { edges } = await ask<ServiceMapAnswer>('/service-map', inWindow);
		return edges.map((edge) => `${edge.caller} ${edge.callee} ${edge.calls}`).sort();
	};
	// Edges are made in the background, stretch by stretch.
	await until(async () => ((await shown()).length === expected.length ? true : undefined), 'the map is made', 60_000);
	expect(await shown()).toEqual(expected);
}, 120_000);

const durationOf = (span: NezhaSpan): number => Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano));

test('self time and critical path of every trace whose clocks agree', async () => {
	const { traces } = await ask<TracesAnswer>('/traces', { ...inWindow, limit: 100 });
	expect(traces).toHaveLength(71);
	let compared = 0;
	for (const { traceId } of traces) {
		const trace = await ask<TraceAnswer>(`/traces/${traceId}`, {});
		const members = spans.filter((span) => span.traceId === traceId);
		expect(trace.spanCount).toBe(members.length);
		if (trace.warnings.skewAdjusted > 0) continue;
		compared += 1;
		const bySpanId = new Map(members.map((span) => [span.spanId, span]));
		const children = Map.groupBy(members, ({ parentSpanId }) => parentSpanId);
		for (const [row, spanId] of trace.spans.spanId.entries()) {
			const span = bySpanId.get(spanId)!;
			expect(trace.spans.selfNano[row]).toBe(selfNano(span, children.get(spanId) ?? []));
		}
		expectCriticalPath(trace, bySpanId, children);
	}
	expect(compared).toBeGreaterThan(10);
});

/** By the moments at which something begins or ends: between two of them either a child runs or none does. */
function selfNano(span: NezhaSpan, children: readonly NezhaSpan[]): number {
	const at = ({ startTimeUnixNano, endTimeUnixNano }: NezhaSpan) => [
		BigInt(startTimeUnixNano),
		BigInt(endTimeUnixNano),
	];
	const [from = 0n, to = 0n] = at(span);
	const moments = [from, to, ...children.flatMap(at)].filter((moment) => moment >= from && moment <= to);
	const sorted = [...new Set(moments)].sort((a, b) => (a < b ? -1 : 1));
	return sorted.slice(1).reduce((total, until, index) => {
		const since = sorted[index]!;
		const isCovered = children.some((child) => at(child)[0]! <= since && at(child)[1]! >= until);
		return isCovered ? total : total + Number(until - since);
	}, 0);
}

/** From end to beginning without a gap; and while a span keeps everybody waiting, none of its children ends. */
function expectCriticalPath(
	trace: TraceAnswer,
	bySpanId: ReadonlyMap<string, NezhaSpan>,
	children: ReadonlyMap<string, NezhaSpan[]>,
): void {
	const base = BigInt(trace.startUnixNano);
	const nanoOf = (text: string): number => Number(BigInt(text) - base);
	const root = bySpanId.get(trace.spans.spanId[0]!)!;
	const rootEnd = nanoOf(root.endTimeUnixNano);
	let cursor = rootEnd;
	for (const { row, fromNano, toNano } of trace.criticalPath) {
		expect(toNano).toBe(cursor);
		expect(fromNano).toBeLessThan(toNano);
		cursor = fromNano;
		const span = bySpanId.get(trace.spans.spanId[row]!)!;
		expect(trace.spans.critical[row]).toBe(true);
		expect(nanoOf(span.startTimeUnixNano)).toBeLessThanOrEqual(fromNano);
		expect(nanoOf(span.endTimeUnixNano)).toBeGreaterThanOrEqual(toNano);
		const ended = (children.get(span.spanId) ?? []).filter((child) => {
			const end = nanoOf(child.endTimeUnixNano);
			return end > fromNano && end <= toNano && nanoOf(child.startTimeUnixNano) < end;
		});
		expect(ended.map(({ name }) => name)).toEqual([]);
	}
	expect(cursor).toBe(nanoOf(root.startTimeUnixNano));
}
