import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseQuery } from '../../../collector/analysis/database-query.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { QueryRow } from '../../../collector/store/database/query-filter.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, isQuantile, serviceOf, shuffled, timeMs, weightOf, within } from '../store/oracle.ts';
import { queryTraces, valueOf } from './query-traces.ts';

const hourMs = 3_600_000;
const endMs = Math.floor(Date.now() / 300_000) * 300_000 - 300_000;
const traces = queryTraces({ seed: 11, traces: 240, endMs, withinMs: hourMs });
const spans = traces.flatMap((trace) => trace.spans);
const calls = spans.filter((span) => valueOf(span, 'db.system.name') !== undefined);
const window = { fromMs: endMs - hourMs, toMs: endMs };
const scope: WindowScope = { project: 'default', window };
const stepMs = 300_000;

const groupOf = (span: PlainSpan): string =>
	JSON.stringify([span.operation, span.query?.text ?? '', valueOf(span, 'db.system.name') ?? '', valueOf(span, 'db.namespace') ?? '']); // prettier-ignore
const groupOfRow = ({ summary, text, system, namespace }: QueryRow): string => JSON.stringify([summary, text, system, namespace]); // prettier-ignore
const totalOf = (of: readonly PlainSpan[]): number => of.reduce((sum, span) => sum + durationOf(span) * (span.weight ?? 1), 0); // prettier-ignore

/** Rows that calls returned, of those that say so. */
function rowsOf(of: readonly PlainSpan[]): QueryRow['rows'] {
	const said = of.flatMap(({ attributes = [], weight = 1 }) =>
		attributes
			.filter(([key, { intValue }]) => key === 'db.response.returned_rows' && intValue !== '-1')
			.map(([, { intValue }]) => ({ weight, rows: Number(intValue) })),
	);
	if (said.length === 0) return null;
	return {
		calls: said.reduce((sum, { weight }) => sum + weight, 0),
		returned: said.reduce((sum, { weight, rows }) => sum + weight * rows, 0),
		most: Math.max(...said.map(({ rows }) => rows)),
	};
}

let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	const mixed = shuffled(spans, randomNumbers(5));
	for (let from = 0; from < mixed.length; from += 300)
		await store.writer.append(spanBlock(mixed.slice(from, from + 300)));
	while ((await store.buckets.round()).derived > 0);
});
afterAll(() => store[Symbol.asyncDispose]());

function expectGroups(rows: readonly QueryRow[], of: readonly PlainSpan[], inWindow: WindowScope['window']): void {
	const expected = Map.groupBy(
		of.filter((span) => within(inWindow, span)),
		groupOf,
	);
	expect(rows.map(groupOfRow).toSorted()).toEqual([...expected.keys()].toSorted());
	const allNano = [...expected.values()].reduce((sum, members) => sum + totalOf(members), 0);
	for (const row of rows) {
		const members = expected.get(groupOfRow(row))!;
		expect(row.calls).toBe(weightOf(members));
		expect(row.errors).toBe(weightOf(members.filter((span) => span.error)));
		expect(row.totalNano).toBeCloseTo(totalOf(members), -3);
		expect(row.rows).toEqual(rowsOf(members));
		expect(row.shareRatio).toBeCloseTo(totalOf(members) / allNano, 9);
		expect(row.services).toEqual([...new Set(members.map(serviceOf))].toSorted());
		for (const [shown, q] of [[row.p50Nano, 0.5], [row.p95Nano, 0.95], [row.p99Nano, 0.99]] as const) expect(isQuantile(shown, members, q)).toBe(true); // prettier-ignore
		const first = Math.floor(inWindow.fromMs / stepMs);
		expect(row.points).toHaveLength(Math.ceil(inWindow.toMs / stepMs) - first);
		row.points.forEach((nano, index) => {
			const ofStep = members.filter((span) => Math.floor(timeMs(span) / stepMs) === first + index);
			expect(nano).toBeCloseTo(totalOf(ofStep), -3);
		});
	}
}

test('groups are those of brute force: calls, errors, time, share, quantiles, services, rows, course', async () => {
	const { queries, totalNano, systems, groups } = await store.queries.list(scope, {}, stepMs);
	expectGroups(queries, calls, window);
	expect(groups).toBe(queries.length);
	expect(totalNano).toBeCloseTo(totalOf(calls), -3);
	expect(systems).toEqual(['postgresql', 'redis']);
	expect(queries.map((row) => row.totalNano)).toEqual(queries.map((row) => row.totalNano).toSorted((a, b) => b - a));
});

test('the same once minutes are counted; of rows, that some calls say how many, others not or that they do not know', async () => {
	expect(await store.deriver.settle(60_000)).toBe(true);
	const { queries } = await store.queries.list(scope, {}, stepMs);
	expectGroups(queries, calls, window);
	expect(queries.filter(({ rows }) => rows === null).map(({ summary }) => summary)).toEqual(['GET']);
	expect(queries.every(({ rows, calls: all }) => rows === null || rows.calls < all)).toBe(true);
	const unknown = calls.filter(({ attributes = [] }) => attributes.some(([, { intValue }]) => intValue === '-1'));
	expect(unknown.length).toBeGreaterThan(0);
});

test.each(['prev', '7d'] as const)('what queries are compared with is that of brute force, %s', async (comparison) => {
	const half = { fromMs: endMs - hourMs / 2, toMs: endMs };
	const asked: WindowScope = { ...scope, window: half, comparison };
	const { queries } = await store.queries.list(asked, {}, stepMs);
	const earlier = calls.filter((span) => within({ fromMs: endMs - hourMs, toMs: half.fromMs }, span));
	const before = await store.queries.before(asked, {}, queries);
	expect(before).toHaveLength(queries.length);
	for (const [index, row] of queries.entries()) {
		// A week before nothing was called.
		const members = comparison === '7d' ? [] : earlier.filter((span) => groupOf(span) === groupOfRow(row));
		expect(before[index]!.calls).toBe(weightOf(members));
		expect(before[index]!.errors).toBe(weightOf(members.filter((span) => span.error)));
		expect(isQuantile(before[index]!.p99Nano, members, 0.99)).toBe(true);
	}
	expect(before.some((one) => one.calls > 0)).toBe(comparison === 'prev');
});

test('a window that cuts minutes counts exactly its spans', async () => {
	const cut = { fromMs: endMs - 1_234_567, toMs: endMs - 345_678 };
	expectGroups((await store.queries.list({ ...scope, window: cut }, {}, stepMs)).queries, calls, cut);
});

test.each([
	[{ service: { service: 'cart' } }, (span: PlainSpan) => span.resource?.service === 'cart'],
	[{ service: { service: 'cart', namespace: 'other' } }, () => false],
	[{ system: 'redis' }, (span: PlainSpan) => valueOf(span, 'db.system.name') === 'redis'],
] as const)('only %j', async (filter, holds) => {
	expectGroups((await store.queries.list(scope, filter, stepMs)).queries, calls.filter(holds), window);
});

test('one environment, one project', async () => {
	const { queries } = await store.queries.list({ ...scope, environment: 'staging' }, {}, stepMs);
	expectGroups(
		queries,
		calls.filter((span) => span.resource?.environment === 'staging'),
		window,
	);
	expect((await store.queries.list({ ...scope, project: 'other' }, {}, stepMs)).queries).toEqual([]);
});

/** Parents with at least 5 calls of a group that take at least 50 ms, and how long they were busy. */
function repeatsOf(of: readonly PlainSpan[]) {
	const byParent = Map.groupBy(of.filter((span) => span.parentSpanId !== undefined), (span) => `${span.traceId} ${span.parentSpanId} ${groupOf(span)}`); // prettier-ignore
	return [...byParent.values()].flatMap((members) => {
		const sorted = members.map((span) => [Number(span.startUnixNano - members[0]!.startUnixNano), durationOf(span)] as const).toSorted((a, b) => a[0] - b[0]); // prettier-ignore
		let [busy, until] = [0, -Infinity];
		for (const [start, duration] of sorted) {
			busy += Math.max(0, start + duration - Math.max(start, until));
			until = Math.max(until, start + duration);
		}
		return members.length >= 5 && busy >= 50_000_000 ? [{ members, busy, group: groupOf(members[0]!) }] : [];
	});
}

test('repeats under one parent are found where they are, and nowhere else', async () => {
	const found = repeatsOf(calls);
	const labelled = traces.filter(({ pattern }) => ['sequential', 'parallel', 'interleaved'].includes(pattern));
	expect(new Set(found.map(({ members }) => members[0]!.traceId))).toEqual(new Set(labelled.map(({ spans: [first] }) => first!.traceId))); // prettier-ignore
	const { queries } = await store.queries.list(scope, {}, stepMs);
	for (const row of queries) {
		const expected = found.filter(({ group }) => group === groupOfRow(row));
		const busy = expected.reduce((sum, { busy }) => sum + busy, 0);
		const wanted = {
			parents: expected.length,
			calls: expected.reduce((sum, { members }) => sum + members.length, 0),
			mostRepeats: Math.max(...expected.map(({ members }) => members.length)),
			busyNano: expect.closeTo(busy, -3),
		};
		expect(row.repeats).toEqual(expected.length === 0 ? null : wanted);
	}
});

test('one query: its course, rows, samples', async () => {
	const [row] = (await store.queries.list(scope, {}, stepMs)).queries;
	const members = calls.filter((span) => groupOf(span) === groupOfRow(row!));
	const detail = (await store.queries.detail(scope, { query: row!.fingerprint, system: row!.system, namespace: row!.namespace }, stepMs))!; // prettier-ignore
	expect(detail.group).toMatchObject({ fingerprint: row!.fingerprint, calls: row!.calls });
	expect(detail.points.reduce((sum, point) => sum + point.requests, 0)).toBe(weightOf(members));
	for (const point of detail.points) {
		const ofStep = members.filter((span) => Math.floor(timeMs(span) / stepMs) * stepMs === point.tMs);
		expect(point.errors).toBe(weightOf(ofStep.filter((span) => span.error)));
		expect(isQuantile(point.p95Nano, ofStep, 0.95)).toBe(true);
	}
	expect(detail.group.rows).toEqual(row!.rows);

	const byId = new Map(spans.map((span) => [span.spanId, span]));
	const sample = (why: string) => byId.get(detail.samples.find((one) => one.why === why)?.spanId ?? '');
	expect(durationOf(sample('slowest')!)).toBe(Math.max(...members.map(durationOf)));
	expect(sample('failed')).toMatchObject({ error: true, operation: row!.summary });
	const distance = (span: PlainSpan) => Math.abs(durationOf(span) - row!.p50Nano!);
	expect(distance(sample('median')!)).toBe(Math.min(...members.map(distance)));
});

const byId = new Map(spans.map((span) => [span.spanId, span]));

/** What a span says of its place in the code, under the names of any time. */
function placeOf({ attributes = [] }: PlainSpan): string | undefined {
	const said = new Map(attributes.map(([key, value]) => [key, value.stringValue ?? value.intValue]));
	const before = [said.get('code.namespace'), said.get('code.function')].filter((part) => part !== undefined).join('.');
	const name = said.get('code.function.name') ?? before;
	const file = said.get('code.file.path') ?? said.get('code.filepath') ?? '';
	const line = said.get('code.line.number') ?? said.get('code.lineno');
	return name === '' && file === ''
		? undefined
		: JSON.stringify([name, file, line === undefined ? null : Number(line)]);
}

/** The request above a call, and the nearest place in the code up to it. */
function callerOf(call: PlainSpan) {
	let place = placeOf(call);
	let above: PlainSpan | undefined;
	for (let at = byId.get(call.parentSpanId ?? ''); at !== undefined; at = byId.get(at.parentSpanId ?? '')) {
		above = at;
		place ??= placeOf(at);
		if (at.kind === 2) break;
	}
	return {
		service: serviceOf(call),
		operation: above?.operation ?? '',
		request: above?.spanId ?? call.parentSpanId,
		place,
	};
}

async function detailOf(summary: string, slice: Partial<WindowScope> = {}) {
	const row = (await store.queries.list(scope, {}, stepMs)).queries.find((one) => one.summary === summary)!;
	const members = calls.filter((span) => groupOf(span) === groupOfRow(row));
	const id = { query: row.fingerprint, system: row.system, namespace: row.namespace };
	return { row, members, detail: (await store.queries.detail({ ...scope, ...slice }, id, stepMs))! };
}

test('callers are a tree of services, requests and places in the code, each with the calls that came from there', async () => {
	const { members, detail } = await detailOf('SELECT cart');
	expect(detail.counted).toEqual({ seen: members.length, of: members.length });
	const shown = new Map<string, (typeof detail.callers)[number]['operations'][number]['functions'][number]>();
	const leaf = (...path: unknown[]) => JSON.stringify(path);
	for (const service of detail.callers) {
		shown.set(leaf(service.service), service as never);
		for (const operation of service.operations) {
			shown.set(leaf(service.service, operation.operation), operation as never);
			for (const one of operation.functions)
				shown.set(leaf(service.service, operation.operation, leaf(one.function, one.file, one.line)), one);
		}
	}
	const expected = new Map<string, PlainSpan[]>();
	for (const call of members) {
		const { service, operation, place } = callerOf(call);
		for (const path of [[service], [service, operation], ...(place === undefined ? [] : [[service, operation, place]])])
			expected.set(leaf(...path), [...(expected.get(leaf(...path)) ?? []), call]);
	}
	expect([...shown.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
	expect([...shown.keys()].some((path) => path.includes('src/repo.ts'))).toBe(true);
	for (const [path, node] of shown) {
		const of = expected.get(path)!;
		expect(node.calls, path).toBe(weightOf(of));
		expect(node.errors, path).toBe(weightOf(of.filter((span) => span.error)));
		expect(node.totalNano, path).toBeCloseTo(totalOf(of), -3);
		expect(isQuantile(node.p95Nano, of, 0.95), path).toBe(true);
	}
	const times = detail.callers.map(({ totalNano }) => totalNano);
	expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test('queries that occur together: in how many of its traces, how often, in how many below the same span', async () => {
	const { members, detail } = await detailOf('SELECT stock');
	const inTraces = new Set(members.map(({ traceId }) => traceId));
	expect(detail.traces).toBe(inTraces.size);
	const below = new Set(members.filter((span) => span.parentSpanId !== undefined).map((span) => span.parentSpanId));
	const others = calls.filter((span) => inTraces.has(span.traceId) && !members.includes(span));
	const expected = [...Map.groupBy(others, groupOf)].map(([group, of]) => ({
		group,
		traces: new Set(of.map(({ traceId }) => traceId)).size,
		besideTraces: new Set(of.filter((span) => below.has(span.parentSpanId)).map(({ traceId }) => traceId)).size,
		calls: of.length,
	}));
	const shown = detail.together.map(({ summary, text, system, namespace, traces, besideTraces, calls: count }) => ({
		group: JSON.stringify([summary, text, system, namespace]),
		traces,
		besideTraces,
		calls: count,
	}));
	const byGroup = (a: { group: string }, b: { group: string }) => (a.group < b.group ? -1 : 1);
	expect(shown.toSorted(byGroup)).toEqual(expected.toSorted(byGroup));
	expect(shown.length).toBeGreaterThan(2);
	expect(detail.togetherOf).toBe(shown.length);
	expect(shown.map(({ traces }) => traces)).toEqual(shown.map(({ traces }) => traces).toSorted((a, b) => b - a));
	expect(shown.some(({ traces, besideTraces }) => besideTraces < traces)).toBe(true);
});

test('by which names the calls came, those of today, those before, or both', async () => {
	const { members, detail } = await detailOf('SELECT cart');
	const under = (attribute: string, isOld: boolean) =>
		members.filter((span) =>
			isOld ? span.attributes?.some(([key]) => key === attribute) : span.promoted?.[attribute] !== undefined,
		);
	const expected = [['db.query.text', false], ['db.statement', true], ['db.system.name', false], ['db.system', true]] as const; // prettier-ignore
	expect(detail.names).toEqual(
		expected.map(([attribute, isOld]) => {
			const of = under(attribute, isOld);
			const services = [...new Set(of.map(serviceOf))].toSorted();
			return { attribute, isOld, calls: weightOf(of), services, of: services.length };
		}),
	);
	expect((await detailOf('GET')).detail.names.map(({ attribute }) => attribute)).toEqual([
		'db.system.name',
		'db.system',
	]);
});

test('repeats for one request, and what it would be shorter by, are those of brute force', async () => {
	const { row, members, detail } = await detailOf('SELECT stock');
	expect(detail.group.repeats).toEqual({
		...row.repeats,
		busyNano: expect.closeTo(row.repeats!.busyNano, -3) as number,
	});
	const requests = new Map<string, { key: string; repeats: number; saved: number }>();
	for (const { members: repeated, busy } of repeatsOf(members)) {
		const { service, operation, request } = callerOf(repeated[0]!);
		const found = requests.get(request!) ?? { key: JSON.stringify([service, operation]), repeats: 0, saved: 0 };
		found.repeats += repeated.length;
		found.saved += busy - repeated.reduce((sum, span) => sum + durationOf(span), 0) / repeated.length;
		requests.set(request!, found);
	}
	const rank = (values: readonly number[], q: number) => {
		const sorted = values.toSorted((a, b) => a - b);
		return sorted.find((_, index) => (index + 1) / sorted.length >= q);
	};
	const expected = [...Map.groupBy(requests.values(), ({ key }) => key)].map(([key, of]) => ({
		key,
		requests: of.length,
		p50Repeats: rank(of.map(({ repeats }) => repeats), 0.5),
		p95Repeats: rank(of.map(({ repeats }) => repeats), 0.95),
		mostRepeats: Math.max(...of.map(({ repeats }) => repeats)),
		p50SavedNano: expect.closeTo(rank(of.map(({ saved }) => saved), 0.5)!, -2) as number,
	})); // prettier-ignore
	const shown = detail.requestRepeats.map(({ service, operation, ...row }) => ({ key: JSON.stringify([service, operation]), ...row })); // prettier-ignore
	const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
	expect(shown.toSorted(byKey)).toEqual(expected.toSorted(byKey));
	expect(shown.length).toBeGreaterThan(2);
});

test('repeats of one query tell how they lie to each other, longest first', async () => {
	const row = (await store.queries.list(scope, {}, stepMs)).queries.find(({ summary }) => summary === 'SELECT stock')!;
	const { repeated } = (await store.queries.detail(scope, { query: row.fingerprint, system: 'postgresql' }, stepMs))!;
	const expected = repeatsOf(calls.filter((span) => groupOf(span) === groupOfRow(row))).toSorted((a, b) => b.busy - a.busy); // prettier-ignore
	expect(repeated.map(({ busyNano }) => busyNano)).toEqual(expected.slice(0, 20).map(({ busy }) => busy));
	expect(new Set(repeated.map(({ pattern }) => pattern)).size).toBeGreaterThan(1);
	for (const one of repeated) {
		const trace = traces.find(({ spans: [first] }) => first!.traceId === one.traceId)!;
		expect(one.pattern).toBe(trace.pattern);
		expect(one.parentSpanId).toBe(trace.parentSpanId);
		expect(one.operation).toBe(trace.spans.find(({ spanId }) => spanId === trace.parentSpanId)!.operation);
	}
});

test('the search of a group finds the calls that it counts', async () => {
	const { queries } = await store.queries.list(scope, {}, stepMs);
	for (const row of queries) {
		const q = databaseQuery(row);
		const parsed = parseQuery(q);
		if (parsed.kind === 'error') throw new Error(`${q}: ${parsed.message}`);
		const compiled = compileQuery(parsed.query);
		if ('kind' in compiled) throw new Error(compiled.message);
		const found = await store.search.count(scope, compiled);
		expect(found.spans, q).toBe(calls.filter((span) => groupOf(span) === groupOfRow(row)).length);
	}
});

test('a query that nobody called is not there', async () => {
	expect(await store.queries.detail(scope, { query: '0'.repeat(16) }, stepMs)).toBeUndefined();
});
