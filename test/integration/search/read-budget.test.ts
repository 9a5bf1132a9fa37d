/** A search that would read more than it may is answered from the newest part of its window, and says so. */
import { groupingColumns } from '../../../collector/analysis/column-plan.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sort } from '../../../schema/api.ts';
import { compileQuery } from '../../../collector/analysis/query-to-sql.ts';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import { ReadBudget } from '../../../collector/store/read-budget.ts';
import type { MeasuredQuery, WindowScope } from '../../../collector/store/reader-types.ts';
import { createSearchReaders } from '../../../collector/store/search-readers.ts';
import type { SearchReaders } from '../../../collector/store/search-readers.ts';
import { parseQuery } from '../../../schema/query-language.ts';
import type { Query } from '../../../schema/query-syntax.ts';
import { randomSpans } from '../../support/random-spans.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { partitionMs } from '../../../collector/spool/batch-sink.ts';
import { wholePartitions } from '../../../collector/store/whole-partitions.ts';
import { timeMs, tracesOf, within } from '../store/oracle.ts';
import { openSearchStore } from './search-store.ts';
import type { SearchStore } from './search-store.ts';

const minuteMs = 60_000;
const endMs = Date.UTC(2026, 10, 20, 15, 2);
const spans = randomSpans({ seed: 31, count: 600, endMs, withinMs: 300 * minuteMs });
const window = { fromMs: endMs - 240 * minuteMs, toMs: endMs };
const scope: WindowScope = { project: 'default', window };
const maxSpans = 200;
const ofCart: CompiledQuery = { where: 'service = {q0:String}', parameters: { q0: 'cart' } };
const nothing: CompiledQuery = { where: 'service = {q0:String}', parameters: { q0: 'nobody' } };

const mark = {
	writer: '',
	derivedTo: 0,
	waitingFromMs: Infinity,
	environmentsWaiting: () => undefined,
	lastBefore: () => 0,
	aloneFromMs: Infinity,
	othersRowsToMs: Infinity,
};
const marks = { minutes: mark, hours: mark };

let store: SearchStore;
let read: SearchReaders;
beforeAll(async () => {
	store = await openSearchStore();
	await store.insert(spans);
	const budget = new ReadBudget(store.clickhouse, { maxSpans });
	read = createSearchReaders(store.clickhouse, () => ({ ...marks, services: marks, versions: mark }), budget);
});
afterAll(() => store.close());

/** By hand: whole buckets of five minutes, the newest first, while they fit. */
function affordable(most: number, of = window): { fromMs: number; seen: number; of: number } {
	const inWindow = spans.filter((span) => within(of, span));
	const bucket = (span: PlainSpan) => timeMs(span) - (timeMs(span) % (5 * minuteMs));
	const starts = [...new Set(inWindow.map(bucket))].sort((a, b) => b - a);
	const since = (fromMs: number) => inWindow.filter((span) => timeMs(span) >= fromMs).length;
	const fromMs = starts.findLast((startMs) => since(startMs) <= most);
	if (fromMs === undefined) throw new Error('not even one bucket fits');
	return { fromMs, seen: since(fromMs), of: inWindow.length };
}
const cut = affordable(maxSpans);
const partial = {
	reason: expect.stringContaining(new Date(cut.fromMs).toISOString()),
	what: 'spans',
	seen: cut.seen,
	of: cut.of,
};
const searched = spans.filter(
	(span) => within({ ...window, fromMs: cut.fromMs }, span) && span.resource?.service === 'cart',
);

async function allPages(what: 'traces' | 'spans', sort: Sort): Promise<{ ids: Set<string>; partials: unknown[] }> {
	const ids = new Set<string>();
	const partials: unknown[] = [];
	let cursor: string | undefined;
	do {
		const page = { sort, limit: 17, ...(cursor === undefined ? {} : { cursor }) };
		const found =
			what === 'traces' ? await read.search.traces(scope, ofCart, page) : await read.search.spans(scope, ofCart, page);
		const rows = 'traces' in found ? found.traces.map((row) => row.traceId) : found.spans.map((row) => row.spanId);
		for (const id of rows) ids.add(id);
		partials.push(found.partial);
		cursor = found.nextCursor;
	} while (cursor !== undefined);
	return { ids, partials };
}

test('the case is one: spans are left out, and some that match are among them', () => {
	expect(cut.seen).toBeGreaterThan(maxSpans / 2);
	expect(cut.of).toBeGreaterThan(2 * maxSpans);
	const all = spans.filter((span) => within(window, span) && span.resource?.service === 'cart');
	expect(searched.length).toBeGreaterThan(17);
	expect(searched.length).toBeLessThan(all.length / 2);
});

test('where a window is cut is found in and around its whole partitions', async () => {
	const longer = { ...scope, window: { fromMs: endMs - 300 * minuteMs, toMs: endMs } };
	for (const of of [scope, longer]) {
		const inWindow = spans.filter((span) => within(of.window, span));
		expect(wholePartitions(of.window)).toEqual({ fromMs: endMs - 182 * minuteMs, toMs: endMs - 2 * minuteMs });
		for (const most of [40, 100, 300, inWindow.length - 5]) {
			const { fromMs, seen } = affordable(most, of.window);
			const budget = new ReadBudget(store.clickhouse, { maxSpans: most });
			const found = await budget.within(of, { where: '1' });
			expect(found.scope.window).toEqual({ fromMs, toMs: endMs });
			expect(found.partial).toMatchObject({ seen, of: inWindow.length });
		}
	}
});

test.each(['-duration', 'start', 'end'] as const)('by %s the first page says what was searched', async (sort) => {
	const traces = await allPages('traces', sort);
	expect(traces.ids).toEqual(new Set(tracesOf(searched).map(({ traceId }) => traceId)));
	expect(traces.partials[0]).toEqual(partial);
	const found = await allPages('spans', sort);
	expect(found.ids).toEqual(new Set(searched.map(({ spanId }) => spanId)));
	expect(found.partials[0]).toEqual(partial);
});

test('of the newest, only the page that ends for it says so', async () => {
	const traces = await allPages('traces', '-end');
	expect(traces.ids).toEqual(new Set(tracesOf(searched).map(({ traceId }) => traceId)));
	expect(traces.partials.at(-1)).toEqual(partial);
	expect(traces.partials.slice(0, -1).filter((said) => said !== undefined)).toEqual([]);
	const none = await read.search.spans(scope, nothing, { sort: '-end', limit: 17 });
	expect(none).toEqual({ spans: [], partial });
});

test('counts are of what was searched', async () => {
	const counted = { spans: searched.length, traces: tracesOf(searched).length };
	expect(await read.search.count(scope, ofCart)).toEqual({ ...counted, partial });
});

test('a search that follows spans up or down their traces reads a tenth, for each costs ten times as much', async () => {
	const around = compileQuery(queryOf('{service:nobody} !>> {service:cart}')) as CompiledQuery;
	const { fromMs, seen, of } = affordable(maxSpans / 10);
	const there = spans.filter((span) => within({ ...window, fromMs }, span) && span.resource?.service === 'cart');
	expect(there.length).toBeGreaterThan(0);
	const said = { what: 'spans', seen, of, reason: expect.stringContaining(new Date(fromMs).toISOString()) };
	const counted = { spans: there.length, traces: tracesOf(there).length, partial: said };
	expect(await read.search.count(scope, around)).toEqual(counted);
	for (const sort of ['-end', '-duration'] as const) {
		const found = await read.search.spans(scope, around, { sort, limit: 50 });
		expect(new Set(found.spans.map(({ spanId }) => spanId))).toEqual(new Set(there.map(({ spanId }) => spanId)));
		expect(found.partial).toEqual(said);
	}
});

test('a window that can be afforded is searched whole', async () => {
	const small = { ...scope, window: { ...window, fromMs: cut.fromMs } };
	expect(await read.search.count(small, ofCart)).toEqual({ spans: searched.length, traces: tracesOf(searched).length });
	const page = await read.search.spans(small, nothing, { sort: '-duration', limit: 17 });
	expect(page).toEqual({ spans: [] });
});

function queryOf(text: string): Query {
	const parsed = parseQuery(text);
	if (parsed.kind === 'error') throw new Error(parsed.message);
	return parsed.query;
}
test('figures that no rollup has are of what was searched, and say so', async () => {
	// Steps of less than a minute are counted from spans.
	const stepMs = 10_000;
	const query: MeasuredQuery = { ...ofCart, query: queryOf('service:cart') };
	const { points, partial: ofPoints } = await read.measures.latencyHistogram(scope, query, stepMs);
	expect(points).toHaveLength((window.toMs - window.fromMs) / stepMs);
	const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);
	expect(sum(points.map(({ requests }) => sum(requests)))).toBe(searched.length);
	expect(ofPoints).toEqual(partial);
	const question = { query, spans: 'all', by: groupingColumns([]), stepMs, limit: 5, measure: 'count' } as const;
	const { groups, partial: ofSeries } = await read.series.series(scope, question);
	expect(groups.map(({ requests }) => requests)).toEqual([searched.length]);
	expect(ofSeries).toEqual(partial);
});

test('whether there are few spans is told by the partitions that a window touches, and by no others', async () => {
	const budget = new ReadBudget(store.clickhouse);
	const partitionsOf = (of: typeof window) => ({
		fromMs: Math.floor(of.fromMs / partitionMs) * partitionMs,
		toMs: Math.ceil(of.toMs / partitionMs) * partitionMs,
	});
	for (const [fromMinute, toMinute] of [[-240, 0], [-2, -1], [-300, -200], [-2_000, -1_000], [30, 90]] as const) {
		const of = { fromMs: endMs + fromMinute * minuteMs, toMs: endMs + toMinute * minuteMs };
		const count = spans.filter((span) => within(partitionsOf(of), span)).length;
		expect(await budget.hasAtMost(count, { project: 'default', window: of })).toBe(true);
		expect(await budget.hasAtMost(count - 1, { project: 'default', window: of })).toBe(false);
	}
	expect(await budget.hasAtMost(0, { project: 'nobody', window })).toBe(true);
}); // prettier-ignore
