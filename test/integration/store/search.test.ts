import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sort } from '../../../schema/api.ts';
import { SORTS } from '../../../schema/api.ts';
import { planColumns } from '../../../collector/analysis/column-plan.ts';
import { withinDurations } from '../../../collector/analysis/duration-bounds.ts';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { WindowScope } from '../../../collector/store/reader-types.ts';
import { readKeyList } from '../../../schema/query-edit.ts';
import { throwAwayStore } from '../../support/clickhouse.ts';
import type { ThrowAwayStore } from '../../support/clickhouse.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, serviceOf, shuffled, timeMs, tracesOf, within } from './oracle.ts';

const hourMs = 3_600_000;
const endMs = Date.UTC(2026, 10, 20, 15, 0, 0, 500);
const spans = randomSpans({ seed: 21, count: 1_200, endMs, withinMs: 5 * hourMs });
const window = { fromMs: endMs - 4 * hourMs, toMs: endMs };
const scope: WindowScope = { project: 'default', window };

const everything: CompiledQuery = { where: '1', parameters: {} };
const ofCart: CompiledQuery = { where: 'service = {q0:String} AND error = 1', parameters: { q0: 'cart' } };
const queries: [name: string, query: CompiledQuery, matches: (span: PlainSpan) => boolean][] = [
	['everything', everything, () => true],
	['errors of a service', ofCart, (span) => span.resource?.service === 'cart' && span.error === true],
	[
		'an attribute',
		{ where: "attributes_string['text'] = {q0:String}", parameters: { q0: "it's" } },
		(span) => span.attributes!.some(([key, value]) => key === 'text' && value.stringValue === "it's"),
	],
];

const retried = new Set<string>();
let store: ThrowAwayStore;
beforeAll(async () => {
	store = await throwAwayStore();
	const mixed = shuffled(spans, randomNumbers(2));
	for (let from = 0; from < mixed.length; from += 250)
		await store.writer.append(spanBlock(mixed.slice(from, from + 250)));
	// A retried request: the same spans once more.
	await store.writer.append(spanBlock(mixed.slice(100, 160)));
	for (const { spanId } of mixed.slice(100, 160)) retried.add(spanId);
	await store.writer.append(spanBlock(randomSpans({ seed: 22, count: 200, endMs, withinMs: hourMs }), 'other'));
});
afterAll(() => store[Symbol.asyncDispose]());

const max = (values: bigint[]) => values.reduce((a, b) => (a > b ? a : b));
const min = (values: bigint[]) => values.reduce((a, b) => (a < b ? a : b));
const endOf = (span: PlainSpan) => span.startUnixNano + BigInt(durationOf(span));

/** What a trace is sorted by: the end of its newest span that matches, or something of all of its spans. */
function traceKey(sort: Sort, members: PlainSpan[], matches: (span: PlainSpan) => boolean): bigint {
	if (sort.endsWith('end')) {
		return BigInt(Math.max(...members.filter((span) => within(window, span) && matches(span)).map(timeMs)));
	}
	const start = min(members.map((span) => span.startUnixNano));
	return sort.endsWith('start') ? start : max(members.map(endOf)) - start;
}

function spanKey(sort: Sort, span: PlainSpan): bigint {
	if (sort.endsWith('end')) return BigInt(timeMs(span));
	return sort.endsWith('start') ? span.startUnixNano : BigInt(durationOf(span));
}

const compare = <Value extends bigint | string>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

/** By key, then by id, in the direction of the sort. */
function inOrder<Row extends { key: bigint; id: string }>(rows: Row[], sort: Sort): Row[] {
	const sign = sort.startsWith('-') ? -1 : 1;
	return rows.toSorted((a, b) => sign * (compare(a.key, b.key) || compare(a.id, b.id)));
}

const cases = queries.flatMap(([name, query, matches]) => SORTS.map((sort) => ({ name, query, matches, sort })));

test.each(cases)(
	'traces with $name by $sort: pages join to all of them, once each, in order',
	async ({ query, matches, sort }) => {
		const expected = tracesOf(spans)
			.filter((trace) => trace.spans.some((span) => within(window, span) && matches(span)))
			.map((trace) => ({ id: trace.traceId, key: traceKey(sort, trace.spans, matches) }));
		expect(expected.length).toBeGreaterThan(20);
		const shown: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await store.search.traces(scope, query, {
				sort,
				limit: 23,
				...(cursor === undefined ? {} : { cursor }),
			});
			shown.push(...page.traces.map((trace) => trace.traceId));
			cursor = page.nextCursor;
			expect(page.traces.length === 23 || cursor === undefined).toBe(true);
		} while (cursor !== undefined);
		expect(shown).toEqual(inOrder(expected, sort).map((trace) => trace.id));
	},
);

test.each(cases)(
	'spans with $name by $sort: pages join to all of them, once each, in order',
	async ({ query, matches, sort }) => {
		const expected = spans
			.filter((span) => within(window, span) && matches(span))
			.map((span) => ({ id: `${span.traceId}${span.spanId}`, key: spanKey(sort, span) }));
		const shown: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await store.search.spans(scope, query, {
				sort,
				limit: 97,
				...(cursor === undefined ? {} : { cursor }),
			});
			shown.push(...page.spans.map((span) => `${span.traceId}${span.spanId}`));
			cursor = page.nextCursor;
		} while (cursor !== undefined);
		expect(shown).toEqual(inOrder(expected, sort).map((span) => span.id));
	},
);

test('numbers of a trace are those of all its spans, whichever matched', async () => {
	const { traces } = await store.search.traces(scope, ofCart, { sort: '-end', limit: 50 });
	expect(traces.length).toBeGreaterThan(20);
	for (const trace of traces) {
		const members = spans.filter((span) => span.traceId === trace.traceId);
		const root = members.find((span) => span.parentSpanId === undefined)!;
		const start = min(members.map((span) => span.startUnixNano));
		expect(trace).toEqual({
			traceId: trace.traceId,
			rootService: serviceOf(root),
			rootOperation: root.operation,
			rootMissing: false,
			startUnixNano: String(start),
			endMs: Math.max(...members.map(timeMs)),
			durationNano: Number(max(members.map(endOf)) - start),
			spanCount: members.length,
			errorCount: members.filter((span) => span.error).length,
			services: trace.services,
		});
		const services = [...Map.groupBy(members, serviceOf)].map(([service, of]) => ({ service, spans: of.length }));
		expect(new Set(trace.services.map((of) => JSON.stringify(of)))).toEqual(
			new Set(services.map((of) => JSON.stringify(of))),
		);
	}
});

test('a trace whose root has not arrived is named after its earliest span, and says so', async () => {
	const at = BigInt(endMs) * 1_000_000n;
	const orphan = (spanId: string, startUnixNano: bigint, operation: string): PlainSpan => ({
		traceId: 'f'.repeat(32),
		spanId,
		parentSpanId: '9'.repeat(16),
		startUnixNano,
		endUnixNano: at,
		operation,
	});
	await store.writer.append(
		spanBlock([orphan('1'.repeat(16), at - 5n, 'second'), orphan('2'.repeat(16), at - 9n, 'first')], 'orphans'),
	);
	const orphans = { project: 'orphans', window: { fromMs: endMs, toMs: endMs + 1 } };
	const { traces } = await store.search.traces(orphans, everything, { sort: '-end', limit: 5 });
	expect(traces).toMatchObject([{ rootMissing: true, rootOperation: 'first', spanCount: 2, durationNano: 9 }]);
});

test('a row of the span list is the span', async () => {
	const { spans: rows } = await store.search.spans(scope, ofCart, { sort: '-duration', limit: 5 });
	for (const row of rows) {
		const span = spans.find(({ traceId, spanId }) => traceId === row.traceId && spanId === row.spanId)!;
		expect(row).toMatchObject({
			parentSpanId: span.parentSpanId ?? '',
			service: serviceOf(span),
			operation: span.operation,
			name: span.name,
			startUnixNano: String(span.startUnixNano),
			durationNano: durationOf(span),
			error: true,
		});
	}
});

test('further columns are the values of their keys, and pages go on with others', async () => {
	const plan = planColumns(readKeyList('env,text,resource.host.cpus,kind') ?? []);
	if ('uncountable' in plan) throw new Error(plan.uncountable);
	const first = await store.search.spans(scope, ofCart, { sort: '-duration', limit: 40, columns: plan });
	const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
	for (const row of first.spans) {
		const span = spans.find(({ traceId, spanId }) => traceId === row.traceId && spanId === row.spanId)!;
		const cpus = span.resource?.attributes?.find(([key]) => key === 'host.cpus')?.[1].intValue;
		const text = span.attributes?.find(([key]) => key === 'text')?.[1].stringValue;
		expect(row.columns).toEqual([span.resource?.environment, text ?? '', cpus, kinds[span.kind ?? 0]]);
	}
	const cursor = first.nextCursor!;
	const second = await store.search.spans(scope, ofCart, { sort: '-duration', limit: 1, cursor });
	expect(second.spans[0]?.columns).toBeUndefined();
});

test('bounds of duration hold beside any query, structure included', async () => {
	const bounded = withinDurations(ofCart, { minNano: 1_000, maxNano: 5e8 });
	const { spans: found } = await store.search.spans(scope, bounded, { sort: '-end', limit: 1_000 });
	const expected = spans.filter(
		(span) => within(window, span) && queries[1]![2](span) && durationOf(span) >= 1_000 && durationOf(span) <= 5e8,
	);
	expect(expected.length).toBeGreaterThan(5);
	expect(found.map(({ spanId }) => spanId).toSorted()).toEqual(expected.map(({ spanId }) => spanId).toSorted());
});

test('spans that share their id, as both sides of a call do in Zipkin, are two', async () => {
	const at = BigInt(endMs) * 1_000_000n;
	const side = (kind: number): PlainSpan => ({
		traceId: 'd'.repeat(32),
		spanId: '1'.repeat(16),
		startUnixNano: at - 5n,
		endUnixNano: at,
		kind,
	});
	await store.writer.append(spanBlock([side(2), side(3), side(3)], 'shared'));
	const shared = { project: 'shared', window: { fromMs: endMs, toMs: endMs + 1 } };
	const first = await store.search.spans(shared, everything, { sort: '-end', limit: 1 });
	const cursor = first.nextCursor!;
	const second = await store.search.spans(shared, everything, { sort: '-end', limit: 1, cursor });
	expect(new Set([...first.spans, ...second.spans].map((span) => span.kind))).toEqual(new Set(['server', 'client']));
	expect(second.nextCursor).toBeUndefined();
});

test('counts are of the window, the environment and the project', async () => {
	const expected = spans.filter((span) => within(window, span) && ofCartInStaging(span));
	const counts = await store.search.count({ ...scope, environment: 'staging' }, ofCart);
	expect(counts).toEqual({ spans: expected.length, traces: tracesOf(expected).length });
	const inWindow = spans.filter((span) => within(window, span));
	expect(inWindow.filter((span) => retried.has(span.spanId)).length).toBeGreaterThan(10);
	expect(await store.search.count(scope, everything)).toMatchObject({ spans: inWindow.length });
	const none = await store.search.count({ ...scope, project: 'none' }, everything);
	expect(none).toEqual({ spans: 0, traces: 0 });
});

const ofCartInStaging = (span: PlainSpan) =>
	span.resource?.service === 'cart' && span.error === true && span.resource.environment === 'staging';

test('a cursor of another search is refused, and so is a made-up one', async () => {
	const { nextCursor } = await store.search.traces(scope, everything, { sort: '-end', limit: 1 });
	const refused = { status: 400, code: 'BAD_CURSOR' };
	await expect(
		store.search.traces(scope, ofCart, { sort: '-end', limit: 1, cursor: nextCursor! }),
	).rejects.toMatchObject(refused);
	await expect(store.search.spans(scope, everything, { sort: '-end', limit: 1, cursor: 'x' })).rejects.toMatchObject(
		refused,
	);
});

test('an aborted search ends in ClickHouse too', async () => {
	const abort = new AbortController();
	const endless = { where: '0 = (SELECT sum(ignore(sipHash128(number))) FROM numbers(1000000000000))', parameters: {} };
	const answer = store.search.count({ ...scope, signal: abort.signal }, endless);
	// Written so that it doesn't find itself.
	const found = "SELECT count() FROM system.processes WHERE query LIKE concat('%sipHash', '128(number)%')";
	const isRunning = async () =>
		(await store.search.count(scope, { where: `(${found}) > 0`, parameters: {} })).spans > 0;
	await expect.poll(isRunning, { timeout: 5_000 }).toBe(true);
	abort.abort();
	await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
	await expect.poll(isRunning, { timeout: 5_000 }).toBe(false);
});

test('searches given up while they waited for a connection cut nothing that runs later', async () => {
	const slow = (seconds: number): CompiledQuery => ({ where: `sleep(${seconds}) = 0`, parameters: {} });
	const abort = new AbortController();
	// More than there are connections: the rest wait, are given up, and are offered a connection all the same.
	const running = Array.from({ length: 16 }, () => store.search.count(scope, slow(0.02)));
	const waiting = Array.from({ length: 16 }, () => store.search.count({ ...scope, signal: abort.signal }, slow(0.02)));
	setTimeout(() => abort.abort(), 20);
	await Promise.allSettled([...running, ...waiting]);
	const later = await Promise.allSettled(Array.from({ length: 16 }, () => store.search.count(scope, slow(0.6))));
	expect(later.filter(({ status }) => status === 'rejected')).toEqual([]);
});

test.each([
	"SELECT * FROM file('/etc/passwd', 'LineAsString')",
	"SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
])('a read can do nothing but read tables: %s', async (sql) => {
	const reaching = { where: `1 IN (SELECT 1 FROM (${sql}))`, parameters: {} };
	await expect(store.search.count(scope, reaching)).rejects.toMatchObject({ code: 'QUERY_FAILED' });
});
