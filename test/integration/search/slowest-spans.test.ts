/** The slowest spans of a day are found in few stretches of it, and are those that plain loops find. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import { createTraceDeletion } from '../../../collector/store/keeping/trace-deletion.ts';
import { CommitLog } from '../../../collector/store/derived/commit-log.ts';
import { readMigrations } from '../../../collector/store/engine/migrations.ts';
import { ReadBudget } from '../../../collector/store/read-budget.ts';
import type { SearchReader, WindowScope } from '../../../collector/store/reader-types.ts';
import { renderMigration } from '../../../collector/store/engine/schema-template.ts';
import { createSearchReader } from '../../../collector/store/search/search-reader.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, shuffled, within } from '../store/oracle.ts';
import { openSearchStore } from './search-store.ts';
import { compiled, firstRows as firstRowsOf, pagesOf, slowestQueries, someQueries } from './slowest-queries.ts';
import type { SearchStore } from './search-store.ts';

const minuteMs = 60_000;
const endMs = Date.UTC(2026, 10, 20, 15, 2, 0, 500);
const window = { fromMs: endMs - 1_440 * minuteMs, toMs: endMs };
const scope: WindowScope = { project: 'default', window };

/** Many took exactly as long as others. */
const made = randomSpans({ seed: 41, count: 4_000, endMs: endMs + 5 * minuteMs, withinMs: 1_500 * minuteMs });
const random = randomNumbers(42);
const spans = made.map((span): PlainSpan => {
	const nano = BigInt(1 + Math.floor(random() * 40)) * 250_000_000n;
	return random() < 0.3 && span.endUnixNano > span.startUnixNano
		? { ...span, startUnixNano: span.endUnixNano - nano }
		: span;
});

const queries = slowestQueries;
let store: SearchStore;
let writer: SpanWriter;
let search: SearchReader;
const stored: PlainSpan[] = [];
beforeAll(async () => {
	store = await openSearchStore(32);
	const { clickhouse } = store;
	writer = new SpanWriter({
		clickhouse,
		untilReady: () => Promise.resolve(),
		commits: new CommitLog(randomUUID(), 0),
	});
	search = createSearchReader(clickhouse, new ReadBudget(clickhouse));
	const mixed = shuffled(spans, random);
	for (let from = 0; from < 3_000; from += 500) await insert(mixed.slice(from, from + 500));
	await writer.append(spanBlock(randomSpans({ seed: 43, count: 100, endMs, withinMs: 600 * minuteMs }), 'other'));
}, 60_000);
afterAll(() => store.close());
afterEach(() => vi.restoreAllMocks());

async function insert(some: readonly PlainSpan[]): Promise<void> {
	await writer.append(spanBlock(some));
	stored.push(...some);
}

const compare = <Value extends bigint | string>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

function expected(matches: (span: PlainSpan) => boolean, of: WindowScope = scope): string[] {
	return stored
		.filter(
			(span) =>
				within(of.window, span) &&
				matches(span) &&
				(of.environment === undefined || span.resource?.environment === of.environment),
		)
		.map((span) => ({ id: span.traceId + span.spanId, nano: BigInt(durationOf(span)) }))
		.toSorted((a, b) => compare(b.nano, a.nano) || compare(b.id, a.id))
		.map(({ id }) => id);
}

const pages = (query: CompiledQuery, limit: number, most: number, of: WindowScope = scope): Promise<string[]> =>
	pagesOf(
		async (page) => {
			const { spans, nextCursor } = await search.spans(of, query, page);
			return { ids: spans.map((span) => span.traceId + span.spanId), nextCursor };
		},
		limit,
		most,
	);

const isInStretches = (sql: string) => sql.includes('toStartOfFiveMinutes(time) IN (');
const pagesAsked = (spy: { mock: { calls: unknown[][] } }) =>
	spy.mock.calls.map(([sql]) => String(sql)).filter((sql) => sql.includes('ORDER BY duration_nano'));

const firstRows = (qs: readonly string[], most: number) => firstRowsOf(qs, most, { pages, expected });

test('the case is one: far more stretches have spans that match than a page needs, and spans lie beyond the window', () => {
	expect(expected(() => true).length).toBeLessThan(stored.length - 50);
	for (const matches of Object.values(queries)) expect(expected(matches).length).toBeGreaterThan(60);
});

test('pages join in order, and a page reads few stretches', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const { shown, should } = await firstRows(Object.keys(queries), 42);
	expect(shown).toEqual(should);
	const asked = pagesAsked(rows);
	expect(asked.filter(isInStretches).length).toBeGreaterThan(0.8 * asked.length);
	const first = asked.find(isInStretches) ?? '';
	expect(/ IN \(([\d, ]+)\)/.exec(first)?.[1]?.split(', ').length).toBeLessThan(60);
});

test('pages go on to the last span, though no stretch is left then', async () => {
	const matches = queries['service:shop/cart error:true']!;
	expect(await pages(compiled('service:shop/cart error:true'), 11, Infinity)).toEqual(expected(matches));
});

test('a window is cut where it ends, and an environment is kept to', async () => {
	for (const environment of ['production', 'staging']) {
		const fromMs = window.fromMs + 137 * minuteMs + 1_234;
		const narrow = { ...scope, environment, window: { fromMs, toMs: fromMs + 700 * minuteMs } };
		expect(await pages(compiled('service:cart'), 5, 60, narrow)).toEqual(
			expected(({ resource }) => resource?.service === 'cart', narrow).slice(0, 60),
		);
	}
});

test('what nothing matches reads no span', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	expect(await search.spans(scope, compiled('service:nobody'), { sort: '-duration', limit: 20 })).toEqual({
		spans: [],
	});
	expect(pagesAsked(rows)).toEqual([]);
});

test.each(Object.keys(queries))('"%s" is answered by the projection', async (q) => {
	const columns = vi.spyOn(store.clickhouse, 'columns');
	await search.spans(scope, compiled(q), { sort: '-duration', limit: 5 });
	const [sql, parameters] = columns.mock.calls[0]!;
	const lines = await store.clickhouse.rows<{ explain: string }>(`EXPLAIN ${sql}`, parameters);
	expect(lines.map(({ explain }) => explain).join('\n')).toContain('ReadFromMergeTree (slowest_by_service)');
});

test('what names other columns is read as before', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const columns = vi.spyOn(store.clickhouse, 'columns');
	const found = await pages(compiled('service:cart kind:server'), 7, 70);
	expect(found).toEqual(expected((span) => span.resource?.service === 'cart' && span.kind === 2).slice(0, 70));
	expect(pagesAsked(rows).filter(isInStretches)).toEqual([]);
	expect(columns).not.toHaveBeenCalled();
});

test('spans that come late are among them at once', async () => {
	await insert(spans.filter((span) => !stored.includes(span)));
	const found = await firstRows(someQueries, 21);
	expect(found.shown).toEqual(found.should);
});

test('copies, as a retried request leaves them, count once', async () => {
	const slowest = new Set(expected(() => true).slice(0, 200));
	const again = stored.filter((span) => slowest.has(span.traceId + span.spanId));
	for (let times = 0; times < 3; times += 1) await writer.append(spanBlock(again));
	const found = await firstRows(someQueries, 21);
	expect(found.shown).toEqual(found.should);
});

test('what was deleted is not, and what was slow behind it is', async () => {
	const ids = [...new Set(expected(() => true).slice(0, 120))].map((id) => id.slice(0, 32));
	const deletion = createTraceDeletion(store.clickhouse);
	const id = randomUUID();
	await deletion.choose('default', id, { traceIds: ids });
	await deletion.erase('default', id);
	const left = stored.filter(({ traceId }) => !ids.includes(traceId));
	expect(left.length).toBeLessThan(stored.length - 100);
	stored.splice(0, stored.length, ...left);
	const found = await firstRows(someQueries, 21);
	expect(found.shown).toEqual(found.should);
});

test('parts that are older than the projection, and those that are merged with them, count', async () => {
	const { clickhouse } = store;
	await clickhouse.command('ALTER TABLE spanhouse.spans DROP PROJECTION slowest_by_service', { mutations_sync: '2' });
	await insert(randomSpans({ seed: 44, count: 500, endMs, withinMs: 1_440 * minuteMs }));
	const { template } = readMigrations().find(({ name }) => name === 'slowest_by_service')!;
	await clickhouse.command(renderMigration(template, 'spanhouse'));
	await insert(randomSpans({ seed: 45, count: 500, endMs, withinMs: 1_440 * minuteMs }));
	const found = await firstRows(someQueries, 21);
	expect(found.shown).toEqual(found.should);
	await clickhouse.command('OPTIMIZE TABLE spanhouse.spans FINAL');
	const merged = await firstRows(someQueries, 21);
	expect(merged.shown).toEqual(merged.should);
});

test('what was inserted or deleted between the two questions makes no page short', async () => {
	const columns = store.clickhouse.columns.bind(store.clickhouse);
	const gone = expected(() => true)
		.slice(0, 60)
		.map((id) => id.slice(0, 32));
	vi.spyOn(store.clickhouse, 'columns').mockImplementationOnce(async (...asked) => {
		const table = await columns(...asked);
		const ids = gone.map((id) => `'${id}'`).join(', ');
		await store.clickhouse.mutate('spans', `DELETE WHERE lower(hex(trace_id)) IN (${ids})`);
		return table;
	});
	const left = stored.filter(({ traceId }) => !gone.includes(traceId));
	stored.splice(0, stored.length, ...left);
	const { spans: found } = await search.spans(scope, compiled(''), { sort: '-duration', limit: 20 });
	expect(found.map((span) => span.traceId + span.spanId)).toEqual(expected(() => true).slice(0, 20));
});
