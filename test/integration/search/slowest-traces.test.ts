/** The slowest traces of a day are found in few stretches of it, and are those that plain loops find. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { CompiledQuery } from '../../../collector/analysis/query-to-sql.ts';
import { silentLog } from '../../../collector/log.ts';
import { BucketDeriver } from '../../../collector/store/buckets/bucket-deriver.ts';
import { SLOWEST_ROW, SLOWEST_TRACES } from '../../../collector/store/buckets/slowest-traces-sql.ts';
import { CommitLog } from '../../../collector/store/derived/commit-log.ts';
import { SpanWriter } from '../../../collector/store/inserts/span-writer.ts';
import { createPartitions } from '../../../collector/store/keeping/partitions.ts';
import { createTraceDeletion } from '../../../collector/store/keeping/trace-deletion.ts';
import { ReadBudget } from '../../../collector/store/read-budget.ts';
import type { SearchReader, WindowScope } from '../../../collector/store/reader-types.ts';
import { createSearchReader } from '../../../collector/store/search/search-reader.ts';
import { randomNumbers, randomSpans } from '../../support/random-spans.ts';
import { spanBlock } from '../../support/span-block.ts';
import type { PlainSpan } from '../../support/span-block.ts';
import { durationOf, shuffled, timeMs, tracesOf, within } from '../store/oracle.ts';
import { openSearchStore } from './search-store.ts';
import { compiled, firstRows as firstRowsOf, pagesOf, slowestQueries, someQueries } from './slowest-queries.ts';
import type { SearchStore } from './search-store.ts';

const minuteMs = 60_000;
const endMs = Date.UTC(2026, 10, 20, 15, 2, 0, 500);
const window = { fromMs: endMs - 720 * minuteMs, toMs: endMs };
const stretches = 145;
const scope: WindowScope = { project: 'default', window };

const random = randomNumbers(52);

function moved(span: PlainSpan, byMs: number): PlainSpan {
	const byNano = BigInt(byMs) * 1_000_000n;
	const [startUnixNano, endUnixNano] = [span.startUnixNano + byNano, span.endUnixNano + byNano];
	return { ...span, startUnixNano, endUnixNano, timeUnixMs: (span.timeUnixMs ?? 0) + byMs };
}

/** Many took exactly as long as others, and of some traces spans ended up to fifty minutes after the others. */
const made = randomSpans({
	seed: 51,
	count: 4_000,
	endMs: endMs + 5 * minuteMs,
	withinMs: 780 * minuteMs,
	traceSpans: 4,
});
const spans = tracesOf(made).flatMap(({ spans: members }): PlainSpan[] => {
	if (members.length === 1 && random() < 0.5) {
		const nano = BigInt(1 + Math.floor(random() * 14)) * 250_000_000n;
		return members.map((span) => ({ ...span, startUnixNano: span.endUnixNano - nano }));
	}
	if (random() < 0.95) return members;
	return members.map((span) => (random() < 0.5 ? span : moved(span, Math.floor(random() * 50) * minuteMs)));
}); // prettier-ignore

const queries = slowestQueries;

let store: SearchStore;
let writer: SpanWriter;
let search: SearchReader;
let deriver: BucketDeriver;
let nowMs = Date.now();
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
	deriver = new BucketDeriver({ clickhouse, derivations: [SLOWEST_TRACES], log: silentLog, clock: () => nowMs });
	const mixed = shuffled(spans, random);
	for (let from = 0; from < mixed.length; from += 1_000) await insert(mixed.slice(from, from + 1_000));
	await writer.append(spanBlock(randomSpans({ seed: 53, count: 100, endMs, withinMs: 600 * minuteMs }), 'other'));
	await deriveAll();
}, 120_000);
afterAll(() => store.close());
afterEach(() => vi.restoreAllMocks());

async function insert(some: readonly PlainSpan[]): Promise<void> {
	await writer.append(spanBlock(some));
	stored.push(...some);
}

/** All that is due, and how many buckets that were. */
async function deriveAll(): Promise<number> {
	let all = 0;
	for (;;) {
		nowMs += 600_001;
		const { derived, left } = await deriver.round();
		all += derived;
		if (left === 0) return all;
	}
}

/** Traces with a span that matches in the window, by all of their spans within an hour of it. */
function expected(matches: (span: PlainSpan) => boolean, of: WindowScope = scope): string[] {
	const around = { fromMs: of.window.fromMs - 60 * minuteMs, toMs: of.window.toMs + 60 * minuteMs };
	const isIn = ({ resource }: PlainSpan) => of.environment === undefined || resource?.environment === of.environment;
	return tracesOf(stored.filter((span) => within(around, span)))
		.filter(({ spans }) => spans.some((span) => within(of.window, span) && isIn(span) && matches(span)))
		.map(({ traceId, spans }) => {
			const starts = spans.map(({ startUnixNano }) => startUnixNano);
			const ends = spans.map((span) => span.startUnixNano + BigInt(durationOf(span)));
			const [first, last] = [starts.reduce((a, b) => (a < b ? a : b)), ends.reduce((a, b) => (a > b ? a : b))];
			return { traceId, nano: last - first };
		})
		.toSorted((a, b) => (a.nano < b.nano ? 1 : a.nano > b.nano ? -1 : a.traceId < b.traceId ? 1 : -1))
		.map(({ traceId }) => traceId);
}

const pages = (query: CompiledQuery, limit: number, most: number, of: WindowScope = scope): Promise<string[]> =>
	pagesOf(
		async (page) => {
			const { traces, nextCursor } = await search.traces(of, query, page);
			return { ids: traces.map(({ traceId }) => traceId), nextCursor };
		},
		limit,
		most,
	);

const firstRows = (qs: readonly string[], most: number) => firstRowsOf(qs, most, { pages, expected });

/** Of how many stretches each page that was asked for is: all of the window where it isn't said. */
function stretchesRead(spy: { mock: { calls: unknown[][] } }): number[] {
	const asked = spy.mock.calls.map(([sql]) => String(sql)).filter((sql) => sql.includes('ORDER BY sortNumber'));
	return asked.map((sql) => / IN \(([\d, ]+)\)\n/.exec(sql)?.[1]?.split(', ').length ?? stretches);
}

test('the case is one: far more stretches have traces than a page needs, and some traces lie in several', () => {
	const stretchOf = (span: PlainSpan) => Math.floor(timeMs(span) / 300_000);
	const ofSeveral = tracesOf(stored).filter(({ spans }) => new Set(spans.map(stretchOf)).size > 1);
	expect(ofSeveral.length).toBeGreaterThan(30);
	expect(new Set(stored.map(stretchOf)).size).toBeGreaterThan(140);
	for (const matches of Object.values(queries)) expect(expected(matches).length).toBeGreaterThan(70);
});

test('pages join in order, and a page reads few stretches', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const { shown, should } = await firstRows(Object.keys(queries), 70);
	expect(shown).toEqual(should);
	const read = stretchesRead(rows);
	expect(read.filter((read) => read < 60).length).toBeGreaterThan(0.3 * read.length);
	expect(Math.max(...read.slice(0, 3))).toBeLessThan(40);
});

test('pages go on to the last trace, though no stretch is left then', async () => {
	const matches = queries['service:shop/cart error:true']!;
	expect(await pages(compiled('service:shop/cart error:true'), 50, Infinity)).toEqual(expected(matches));
});

test('a window is cut where it ends, and an environment is kept to', async () => {
	for (const environment of ['production', 'staging']) {
		const fromMs = window.fromMs + 97 * minuteMs + 1_234;
		const narrow = { ...scope, environment, window: { fromMs, toMs: fromMs + 500 * minuteMs } };
		expect(await pages(compiled('service:cart'), 5, 60, narrow)).toEqual(
			expected(({ resource }) => resource?.service === 'cart', narrow).slice(0, 60),
		);
	}
});

test('a window of all time ends with what there is', async () => {
	const all = { ...scope, window: { fromMs: 0, toMs: 4_000_000_000_000 } };
	const rows = vi.spyOn(store.clickhouse, 'rows');
	expect(await pages(compiled(''), 7, 42, all)).toEqual(expected(() => true, all).slice(0, 42));
	expect(Math.max(...stretchesRead(rows))).toBeLessThan(stretches);
});

test('what nothing matches reads no span', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const { traces } = await search.traces(scope, compiled('service:nobody'), { sort: '-duration', limit: 20 });
	expect(traces).toEqual([]);
	expect(Math.max(...stretchesRead(rows))).toBeLessThanOrEqual(2);
});

test('what asks for other columns is read as before', async () => {
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const found = await pages(compiled('service:cart kind:server'), 7, 70);
	expect(found).toEqual(expected((span) => span.resource?.service === 'cart' && span.kind === 2).slice(0, 70));
	expect(new Set(stretchesRead(rows))).toEqual(new Set([stretches]));
});

test('late spans count at once, of a trace that is there or a new one, and once their buckets are derived again', async () => {
	const slow = expected(() => true).slice(40, 42);
	const late = slow.flatMap((id) => {
		const [first] = stored.filter(({ traceId }) => traceId === id);
		return first === undefined ? [] : [{ ...moved(first, 40 * minuteMs), spanId: randomUUID().slice(-12) + 'abcd' }];
	});
	await insert(late);
	await insert(randomSpans({ seed: 54, count: 2, endMs: endMs - 300 * minuteMs, withinMs: 600_000 }).map((span) => ({ ...span, startUnixNano: span.endUnixNano - 90_000_000_000n }))); // prettier-ignore
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const found = await firstRows(someQueries, 63);
	expect(found.shown).toEqual(found.should);
	const [before] = stretchesRead(rows);
	rows.mockClear();
	const derived = await deriveAll();
	expect(derived).toBeGreaterThan(13);
	expect(derived).toBeLessThanOrEqual(13 * 4);
	const again = await firstRows(someQueries, 63);
	expect(again.shown).toEqual(again.should);
	expect(stretchesRead(rows)[0]).toBeLessThan(before!);
}); // prettier-ignore

test('copies, as a retried request leaves them, change nothing', async () => {
	const slowest = new Set(expected(() => true).slice(0, 4));
	await writer.append(spanBlock(stored.filter(({ traceId }) => slowest.has(traceId))));
	const found = await firstRows(someQueries, 42);
	expect(found.shown).toEqual(found.should);
	await deriveAll();
	const again = await firstRows(someQueries, 42);
	expect(again.shown).toEqual(again.should);
});

test('what was deleted is not, nor is any row of it, and what was slow behind it is', async () => {
	const ids = expected(() => true).slice(0, 12);
	const deletion = createTraceDeletion(store.clickhouse);
	const id = randomUUID();
	await deletion.choose('default', id, { traceIds: ids });
	await deletion.erase('default', id);
	const left = stored.filter(({ traceId }) => !ids.includes(traceId));
	stored.splice(0, stored.length, ...left);
	const sql = 'SELECT DISTINCT lower(hex(trace_id)) AS id FROM slowest_traces WHERE type = 1';
	const kept = (await store.clickhouse.rows<{ id: string }>(sql, {})).map(({ id }) => id);
	expect(kept.filter((id) => ids.includes(id))).toEqual([]);
	const found = await firstRows(someQueries, 42);
	expect(found.shown).toEqual(found.should);
	expect(await deriveAll()).toBeGreaterThan(20);
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const again = await firstRows(someQueries, 42);
	expect(again.shown).toEqual(again.should);
	expect(stretchesRead(rows)[0]).toBeLessThan(40);
});

test('rows that were being made of what is deleted meanwhile go as well', async () => {
	const [slowest] = expected(() => true);
	const last = stored.filter(({ traceId }) => traceId === slowest).toSorted((a, b) => timeMs(b) - timeMs(a))[0]!;
	await insert([{ ...last, spanId: 'abcdefabcdefabcd' }]);
	const { clickhouse } = store;
	const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
	const derive = clickhouse.derive.bind(clickhouse);
	// The rows of its last bucket have been made, in slices, and are about to be inserted.
	vi.spyOn(clickhouse, 'derive').mockImplementation(async (sql, parameters, ...more) => {
		if (parameters['bucketMs'] === Math.floor(timeMs(last) / 300_000) * 300_000) {
			begun.resolve();
			await released.promise;
		}
		await derive(sql, parameters, ...more);
	});
	const derivations = [SLOWEST_TRACES];
	const other = new BucketDeriver({ clickhouse, derivations, log: silentLog, clock: () => nowMs, sliceSpans: 5 });
	const made = (async () => {
		while ((await other.round()).left > 0);
	})();
	await begun.promise;
	const deletion = createTraceDeletion(clickhouse, (work) => other.betweenTwo(work));
	const id = randomUUID();
	await deletion.choose('default', id, { traceIds: [slowest!] });
	const erased = deletion.erase('default', id);
	await Promise.race([erased, sleep(5_000)]);
	released.resolve();
	await Promise.all([made, erased]);
	stored.splice(0, stored.length, ...stored.filter(({ traceId }) => traceId !== slowest));
	expect(await deletion.count({ project: 'default' }, { traceIds: [slowest!] })).toMatchObject({ traces: 0 });
	const found = await firstRows(someQueries, 21);
	expect(found.shown).toEqual(found.should);
	vi.restoreAllMocks();
	await deriveAll();
});

test('of a bucket with more rows than are kept, the spans are read', async () => {
	const [{ bucket } = { bucket: 0 }] = await store.clickhouse.rows<{ bucket: number }>(
		`SELECT toUnixTimestamp(bucket) AS bucket FROM slowest_traces WHERE type = ${SLOWEST_ROW.crossing} AND bucket < toDateTime({end:UInt32}) ORDER BY last_nano - first_nano DESC LIMIT 1`,
		{ end: Math.floor(endMs / 1_000) - 3_600 },
	);
	await store.clickhouse.command(
		`INSERT INTO spanhouse.slowest_traces (project, bucket, version, type) SELECT project, bucket, max(version), ${SLOWEST_ROW.tooMany}
			FROM spanhouse.slowest_traces WHERE project = 'default' AND bucket = toDateTime(${bucket}, 'UTC') GROUP BY ALL`,
	);
	await store.clickhouse.mutate('slowest_traces', `DELETE WHERE bucket = toDateTime(${bucket}, 'UTC') AND type < 2`);
	const rows = vi.spyOn(store.clickhouse, 'rows');
	const found = await firstRows(someQueries, 42);
	expect(found.shown).toEqual(found.should);
	const asked = rows.mock.calls.map(([sql]) => sql).find((sql) => sql.includes('ORDER BY sortNumber'));
	for (let start = bucket - 3_600; start <= bucket; start += 300) expect(asked).toContain(String(start));
});

test('of a trace whose other spans went with their partition, what is left counts', async () => {
	const partitions = createPartitions(store.clickhouse);
	const raw = (await partitions.stretches()).filter(({ kind }) => kind === 'raw');
	const gone = raw.find(({ toMs }) => toMs > endMs - 300 * minuteMs)!;
	const isCut = ({ spans }: { spans: PlainSpan[] }) => spans.some((span) => within(gone, span));
	const cut = tracesOf(stored).filter((trace) => isCut(trace) && trace.spans.some((span) => !within(gone, span)));
	expect(cut.length).toBeGreaterThan(0);
	await partitions.drop(gone);
	stored.splice(0, stored.length, ...stored.filter((span) => !within(gone, span)));
	const found = await firstRows(someQueries, 63);
	expect(found.shown).toEqual(found.should);
});
